import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type DownRequest, migrateDown } from '../../src/app/migrate/down.ts';
import { migrateUp, type UpRequest } from '../../src/app/migrate/up.ts';
import { migrationStatus } from '../../src/app/migrate/status.ts';
import type { RunEvent, RunOptions } from '../../src/app/types.ts';
import type { MigrationRow } from '../../src/model/index.ts';
import type { Workplace as AnyWorkplace } from '../support/workplace.ts';

type Workplace = Pick<AnyWorkplace, 'open' | 'folder'>;

export interface Came {
  readonly ending: string;
  /** `app status` of each step. */
  readonly steps: readonly string[];
  readonly said: readonly string[];
  readonly diagnostics: readonly string[];
  /** What the plan says that is lost. */
  readonly loses: string;
}

export async function up(place: Workplace, request: Partial<UpRequest> = {}, options: Partial<RunOptions> = {}): Promise<Came> {
  return await cameOf(migrateUp(await place.open(), { apps: [], ...request }, { consent: async () => Promise.resolve(true), ...options }));
}

export async function down(
  place: Workplace,
  app: string,
  end: DownRequest['end'],
  options: Partial<RunOptions> = {},
  backup?: true,
): Promise<Came> {
  const request = { app, end, ...(backup === undefined ? {} : { backup }) };
  return await cameOf(migrateDown(await place.open(), request, { consent: async () => Promise.resolve(true), ...options }));
}

async function cameOf(events: AsyncIterable<RunEvent>): Promise<Came> {
  const came = { ending: '', steps: [] as string[], said: [] as string[], diagnostics: [] as string[], loses: '' };
  for await (const event of events) {
    if (event.type === 'planned') {
      came.diagnostics.push(...event.outcome.plan.diagnostics.map(({ code, message }) => `${code} ${message}`));
      came.loses = event.outcome.plan.steps.map(({ facts }) => String(facts['loses'] ?? '')).join();
    }
    if (event.type === 'said') came.said.push(event.text);
    if (event.type === 'diagnostic') came.diagnostics.push(`${event.diagnostic.code} ${event.diagnostic.message}`);
    if (event.type === 'step') {
      const { step, status, diagnostic } = event.result;
      came.steps.push(`${step.app ?? ''} ${status}`);
      if (diagnostic) came.diagnostics.push(`${diagnostic.code} ${diagnostic.message}`);
    }
    if (event.type === 'result') came.ending = event.ending;
  }
  return came;
}

export async function rows(place: Workplace): Promise<Readonly<Record<string, MigrationRow>>> {
  return Object.fromEntries((await migrationStatus(await place.open())).rows.map((row) => [row.app, row]));
}

export async function files(place: Workplace, app: string, texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(texts)) {
    const file = join(place.folder, app, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
