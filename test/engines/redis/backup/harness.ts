import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { differences } from '../../../../src/backup/compare.ts';
import { makeClient } from '../../../../src/engines/redis/connect/client.ts';
import type { SavedPart } from '../../../../src/model/index.ts';
import { type Parts, partsOf as partsIn } from '../../../support/backup-part.ts';
import { wipe, type Workplace, workplace } from '../lifecycle/harness.ts';
import type { RedisServer } from '../runtime.ts';

/** The engine's part of backups, each time in a fresh folder, or in that of `folder`. */
export async function partsOf(place: Workplace, folder?: string): Promise<Parts> {
  return await partsIn(await place.open(), place.folder, folder === undefined ? {} : { folder });
}

export interface Kept extends Parts {
  readonly part: SavedPart;
}

export async function saved(place: Workplace, app: string): Promise<Kept> {
  const parts = await partsOf(place);
  return { ...parts, part: await parts.backup.save(parts.input, app, parts.context) };
}

/** What a drill finds. */
export async function drilled({ backup, input, context, part }: Kept, app: string, wanted = part): Promise<readonly string[]> {
  return differences(wanted.objects, await backup.rehearse(input, app, part, context));
}

/** Many commands on one connection, as whoever. Words may be bytes. */
export async function send(
  place: { readonly host: string; readonly port: number; readonly user: string; readonly password: string; readonly database?: number },
  ...commands: readonly (readonly (string | Buffer)[])[]
): Promise<readonly unknown[]> {
  const { host, port, user, password, database = 0 } = place;
  const client = makeClient(2, { host, port, tls: null, login: { user, password }, deadline: 10_000 });
  try {
    await client.connect();
    if (database !== 0) await client.sendCommand(['SELECT', String(database)]);
    const all: unknown[] = [];
    for (let at = 0; at < commands.length; at += 500)
      all.push(...(await Promise.all(commands.slice(at, at + 500).map(async (words) => await client.sendCommand(words)))));
    return all;
  } finally {
    if (client.isOpen) client.destroy();
  }
}

/** Gives a suite its place, on a server that is empty before each test. */
export function emptied(server: () => RedisServer, manifest: string, give: (place: Workplace) => void): void {
  let place: Workplace;
  beforeAll(async () => {
    await wipe(server());
    place = await workplace(server(), manifest);
    give(place);
    expect(await place.apply()).toMatchObject({ ending: 'done' });
  });
  afterAll(async () => await place[Symbol.asyncDispose]());
  beforeEach(async () => {
    await place.admin('FLUSHALL');
  });
}
