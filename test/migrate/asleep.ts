import { until, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import { spawn } from '../support/children.ts';
import { query } from '../support/query.ts';
import { startOf } from './drive.ts';
import type { Kit } from './kits.ts';

/** What a killed tool leaves; `how` in words of the drift. */
export const kills: readonly (readonly [tool: Kit['tool'], file: string, text: string, drift: RegExp, state: string])[] = [
  [
    'knex',
    'migrations/0002_t.cjs',
    `exports.up = (knex) => knex.raw('SELECT pg_sleep(100)'); exports.down = () => {}; exports.config = { transaction: false };`,
    /lock row is taken/,
    'drifted',
  ],
  [
    'liquibase',
    'changes/0002.sql',
    '--liquibase formatted sql\n--changeset ann:2\nSELECT pg_sleep(100);\n',
    /lock row is taken by .* since /,
    'drifted',
  ],
  ['golang-migrate', '000002_t.up.sql', 'SELECT pg_sleep(100);', /000002_t: it was begun and not ended/, 'drifted'],
  ['prisma', 'prisma/migrations/20240102_t/migration.sql', 'SELECT pg_sleep(100);\n', /20240102_t: it was begun and not ended/, 'drifted'],
  ['goose', '00002_t.sql', '-- +goose Up\nSELECT pg_sleep(100);\n', /^$/, 'behind'],
  ['dbmate', 'db/migrations/20240101000002_t.sql', '-- migrate:up\nSELECT pg_sleep(100);\n-- migrate:down\n', /^$/, 'behind'],
  ['node-pg-migrate', 'migrations/1700000000002_t.sql', '-- Up Migration\nSELECT pg_sleep(100);\n-- Down Migration\n', /^$/, 'behind'],
  ['django', 'shop/migrations/0002_t.py', '', /^$/, 'behind'],
];

/** The second revision of a kit, that sleeps. */
export function sleepy({ tool, revisions }: Kit): Kit['files'] {
  const [, file = '', text = ''] = kills.find(([name]) => name === tool) ?? [];
  const [before = ''] = Object.values(revisions[1].files);
  return { [file]: text === '' ? before.replace(/RunSQL\("[^"]*"/, 'RunSQL("SELECT pg_sleep(100)"') : text };
}

export interface Asleep {
  kill(): Promise<void>;
}

/** The tool at work in a migration that sleeps. */
export async function asleep(operator: string, place: Workplace, one: Kit): Promise<Asleep> {
  const { program, args, options } = await startOf(place, one);
  const child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const login = `usename = '${one.app}_user' AND pid <> pg_backend_pid()`;
  const early = ended.then(() => {
    throw new Error(`it ended: ${said.join('')}`);
  });
  early.catch(() => undefined);
  await Promise.race([
    early,
    until(operator, `SELECT pid FROM pg_stat_activity WHERE ${login} AND query ~ 'pg_sleep\\(100\\)' AND state = 'active'`),
  ]);
  return {
    kill: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await ended;
      // The server does not see that its client is gone while it sleeps.
      await query(operator, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${login}`);
      await until(operator, `SELECT 1 AS one WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE ${login})`);
    },
  };
}
