import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { unpackedInstallations } from '../../src/engines/postgres/local/find.ts';
import { literal } from '../../src/engines/postgres/quote.ts';
import { scramVerifier } from '../../src/engines/postgres/connect/scram.ts';
import type { Plan, Step } from '../../src/index.ts';
import { checkout } from './cli.ts';

/** PSQL, else the one unpacked in this checkout, else the first on the path; null: none. */
export function findPsql(): string | null {
  const unpacked = unpackedInstallations(process.env['COTENANT_CACHE'] ?? join(checkout, '.cache')).map((one) => join(one.prefix, one.bin));
  const folders = [...unpacked.toReversed(), ...(process.env['PATH'] ?? '').split(delimiter)];
  return (
    [process.env['PSQL'] ?? '', ...folders.map((folder) => join(folder, 'psql'))].find((file) => file !== '' && existsSync(file)) ?? null
  );
}

/**
 * The statements of a plan as one script, each lane as long as it can go before the next one, the transactions as in the
 * plan. Where a statement names a secret it holds a ready verifier.
 */
export async function scriptOf(plan: Plan): Promise<string> {
  const out: string[] = ['\\set ON_ERROR_STOP on'];
  let lane = 'shared';
  let unit: string | null = null;
  for (const step of inLanes(plan.steps)) {
    if (unit !== null && (step.unit !== unit || step.lane !== lane)) out.push('COMMIT;');
    if (step.lane !== lane) out.push(`\\connect ${step.lane.startsWith('db:') ? step.lane.slice(3) : 'postgres'}`);
    if (step.unit !== null && (step.unit !== unit || step.lane !== lane)) out.push('BEGIN;');
    [lane, unit] = [step.lane, step.unit];
    for (const { text, secrets = {} } of step.commands) {
      let sql = text;
      for (const name of Object.keys(secrets)) {
        const verifier = await scramVerifier(randomBytes(32).toString('base64url'));
        sql = sql.replaceAll(`:${name}`, () => literal(verifier));
      }
      out.push(`${sql};`);
    }
  }
  if (unit !== null) out.push('COMMIT;');
  return `${out.join('\n')}\n`;
}

function inLanes(steps: readonly Step[]): readonly Step[] {
  const lanes = Map.groupBy(steps, (step) => step.lane);
  const done = new Set<string>();
  const known = new Set(steps.map((step) => step.id));
  const out: Step[] = [];
  const at = new Map<string, number>();
  while (out.length < steps.length) {
    const before = out.length;
    for (const [lane, list] of lanes) {
      let next = at.get(lane) ?? 0;
      for (let step = list[next]; step?.needs.every((id) => done.has(id) || !known.has(id)) === true; step = list[++next]) {
        out.push(step);
        done.add(step.id);
      }
      at.set(lane, next);
    }
    if (out.length === before) throw new Error('the steps of this plan wait for each other');
  }
  return out;
}
