import { z } from 'zod';
import type { AppUsage, Connections, LostStatement, Pressure, Size, Usage, UsageDown, Wait, Work } from '../model/index.ts';
import { isDown } from '../model/index.ts';
import { type Fields, list, writer } from '../report/documents/document.ts';
import { diagnostic } from '../report/documents/parts.ts';

const count = z.number();
const connections = z.strictObject({
  active: count.meta({ description: 'A statement is under way.' }),
  idle: count,
  idleInTransaction: count,
  waiting: count.meta({ description: 'A statement waits for a lock.' }),
} satisfies Fields<Connections>);

const work = z.strictObject({
  seconds: count.exactOptional(),
  calls: count.exactOptional(),
  rows: count.exactOptional(),
  blocksRead: count.exactOptional(),
  walBytes: count.exactOptional(),
  tempBytes: count.exactOptional(),
  bytesIn: count.exactOptional(),
  bytesOut: count.exactOptional(),
  denied: count.exactOptional(),
} satisfies Fields<Work>);

const app = z.strictObject({
  app: z.string(),
  kind: z.enum(['app', 'reader']),
  connections: connections.nullable(),
  connectionLimit: count.nullable().meta({ description: 'What the server gives it; null: no limit, or not known.' }),
  size: z
    .strictObject({
      bytes: count,
      exact: z.boolean().meta({ description: 'false: estimated from a sample.' }),
      at: z.string(),
    } satisfies Fields<Size>)
    .nullable(),
  work: work.meta({ description: 'Counted from the beginning of the watch, and never down.' }),
  blocked: count.nullable().meta({ description: 'Sessions that wait for a lock.' }),
  oldestTransaction: count.nullable().meta({ description: 'Seconds; null: none is open, or not known.' }),
} satisfies Fields<AppUsage>);

const wait = z.strictObject({
  waiting: z.string().nullable(),
  holding: z.string().nullable(),
  sessions: count,
  seconds: count.nullable(),
} satisfies Fields<Wait>);

const pressure = z.strictObject({
  metric: z.string(),
  title: z.string(),
  of: z.string().exactOptional(),
  value: count,
  unit: z.enum(['bytes', 'transactions', 'seconds', 'count']),
  limit: count.nullable().meta({ description: 'Where it ends.' }),
  state: z.string().exactOptional(),
} satisfies Fields<Pressure>);

const base = { instance: z.string(), engine: z.string(), at: z.string() };
const up = z.strictObject({
  ...base,
  version: z.string(),
  uptime: count.nullable(),
  connections: z.strictObject({ open: count.nullable(), max: count.nullable(), reserved: count }),
  apps: list(app),
  others: connections.nullable().meta({ description: 'Sessions that are no app’s.' }),
  waits: list(wait).meta({ description: 'Who waits for whom.' }),
  pressures: list(pressure).meta({ description: 'What the server dies of.' }),
  lost: list(z.strictObject({ statement: z.string(), why: z.string() } satisfies Fields<LostStatement>)),
  untold: list(z.string()).meta({ description: 'What it does not tell as it is set up.' }),
  statements: list(z.strictObject({ name: z.string(), seconds: count })),
} satisfies Fields<Usage>);
const down = z.strictObject({ ...base, diagnostics: list(diagnostic) } satisfies Fields<UsageDown>);

export const usageDocument = z.strictObject({
  format: z.literal(1),
  instances: list(z.union([up, down])).meta({ description: 'One that did not answer has `diagnostics` alone.' }),
});

const writeUp = writer(up);
const writeDown = writer(down);

/** As it is sent. `app`: only what is its own. */
export function usageBody(all: readonly (Usage | UsageDown)[], only: string | null): string {
  const instances = all.flatMap((one) => {
    const mine = only === null ? one : ofApp(one, only);
    if (mine === null) return [];
    return isDown(mine) ? [writeDown(mine)] : [writeUp(mine)];
  });
  return `${JSON.stringify({ format: 1, instances }, null, 2)}\n`;
}

/** null: it is not there, or nobody knows. */
function ofApp(one: Usage | UsageDown, name: string): Usage | null {
  if (isDown(one)) return null;
  const apps = one.apps.filter(({ app: whose }) => whose === name);
  const { instance, engine, at, version, uptime } = one;
  const nothing = { others: null, waits: [], pressures: [], lost: [], untold: [], statements: [] };
  return apps.length === 0
    ? null
    : { instance, engine, at, version, uptime, connections: { open: null, max: null, reserved: 0 }, apps, ...nothing };
}
