import { describe, expect, it } from 'vitest';
import type { BackupRow, LintFinding, MigrationReport, RenderedMigration, SavedApp } from '../../src/model/index.ts';
import { backupsText, backupText, prunedText } from '../../src/report/backups-text.ts';
import { lintText } from '../../src/report/lint-text.ts';
import { adoptText, readyText, renderedText } from '../../src/report/migrations-more.ts';
import { migrationsText } from '../../src/report/migrations-text.ts';
import { serversText, stoppedText } from '../../src/report/servers-text.ts';
import { settingsText } from '../../src/report/settings-text.ts';
import { createStyle, type Style } from '../../src/report/style.ts';
import { widthOf } from '../../src/util/width.ts';
import { golden, widths } from './write.ts';

const at = '2026-11-29T03:00:00.000Z';
const row = { instance: 'main', engine: 'postgres', current: ['5d41402abc4b'], head: ['5d41402abc4b'], pending: [], drift: [], last: null };

const migrations: MigrationReport = {
  rows: [
    { ...row, app: 'shop', place: 'database shop', tool: 'alembic', state: 'current', last: { at, by: 'root@ci', ending: 'done' } },
    {
      ...row,
      app: 'blog',
      place: 'schema content.blog',
      tool: 'knex',
      state: 'behind',
      pending: ['20261128_comments.js', '20261129_tags.js'],
    },
    {
      ...row,
      app: 'crm',
      place: 'database crm',
      tool: 'flyway',
      state: 'drifted',
      current: ['3'],
      head: ['2'],
      drift: ['the ledger has revision 3, and no file in db/migration is called so'],
    },
    { ...row, app: 'wiki', place: 'database wiki', tool: 'golang-migrate', instance: 'far', state: 'unknown', current: [], head: [] },
  ],
  diagnostics: [],
  unreached: ['far'],
};

const rendered: readonly RenderedMigration[] = [
  {
    app: 'shop',
    revision: '9e107d9d372b',
    file: 'shop/migrations/versions/9e107d9d372b_add_index.py',
    transaction: true,
    sql: 'CREATE INDEX orders_customer ON orders (customer);\nALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2);\n',
  },
];

const found: readonly LintFinding[] = [
  {
    rule: 'index-blocks-writes',
    severity: 'warning',
    app: 'shop',
    revision: '9e107d9d372b',
    file: 'shop/migrations/versions/9e107d9d372b_add_index.py',
    line: 1,
    statement: 'CREATE INDEX orders_customer ON orders (customer);',
    message: 'orders has 4.2 GB: nobody writes to it while the index is made',
    instead: 'CREATE INDEX CONCURRENTLY, outside of a transaction',
  },
  {
    rule: 'other-apps',
    severity: 'error',
    app: 'shop',
    revision: '9e107d9d372b',
    file: 'shop/migrations/versions/9e107d9d372b_add_index.py',
    line: 2,
    statement: 'ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2);',
    message: 'the view ledger.totals of ledger reads this column',
    instead: 'tell its owners first',
  },
];

const linted = { revisions: 1, findings: found, diagnostics: [] };

const backups: readonly BackupRow[] = [
  { run: '20261129T030000000-1a2b3c4d', app: 'shop', at, bytes: 48_200_000, added: 1_300_000, proved: '2026-11-29T04:00:00.000Z' },
  {
    run: '20261128T030000000-5e6f7a8b',
    app: 'an_app_with_a_long_name',
    at: '2026-11-28T03:00:00.000Z',
    bytes: null,
    added: null,
    proved: null,
  },
];

const saved: SavedApp = {
  format: 1,
  run: '20261129T030000000-1a2b3c4d',
  project: 'studio',
  app: 'shop',
  startedAt: at,
  endedAt: '2026-11-29T03:00:04.200Z',
  grade: 'ordered',
  skew: 310,
  parts: [
    {
      engine: 'postgres',
      instance: 'main',
      server: '18.4',
      tool: 'pg_dump (PostgreSQL) 18.4',
      point: '0/3A2F1C8',
      at,
      place: null,
      objects: [
        { kind: 'table', name: 'public.orders', rows: 1_204_311, hash: 'a' },
        { kind: 'table', name: 'public.customers', rows: 90_112, hash: 'b' },
        { kind: 'index', name: 'public.orders_pkey', rows: null, hash: 'c' },
      ],
      left: ['casts: a dump of schemas has none'],
    },
    { engine: 'redis', instance: 'cache', server: '9.1.2', tool: 'cotenant', point: null, at, place: null, objects: [], left: [] },
  ],
};

const servers = [
  {
    instance: 'main',
    state: 'started',
    way: 'local',
    title: 'PostgreSQL 15 in /usr/lib/postgresql/15',
    host: '127.0.0.1',
    port: 24985,
    passedOver: [],
  },
  { instance: 'cache', state: 'runs already', way: 'unpacked', title: 'Valkey 9.1.2', host: '127.0.0.1', port: 28716, passedOver: [] },
];

const wrong = [
  'public.orders belongs to postgres, and not to shop_owner',
  'the ledger alembic_version has a revision that no file is called by',
];
const settings = [
  { name: 'file', value: '/srv/studio/cotenant.yaml', origin: 'found from this folder upwards' },
  { name: 'pager', value: 'off', origin: 'COTENANT_NO_PAGER' },
];
const missing = [
  { what: '2 revisions of blog are not applied: 20261128_comments.js, 20261129_tags.js', command: 'cotenant migrate up blog' },
];

const outputs: readonly (readonly [name: string, text: (style: Style) => string])[] = [
  ['migrate-status', (style) => migrationsText(migrations, style)],
  ['migrate-plan', (style) => renderedText({ migrations: rendered, ...linted }, style)],
  ['migrate-lint', (style) => lintText(linted, style)],
  [
    'migrate-adopt',
    (style) => adoptText({ app: 'shop', adopted: true, current: ['5d41402abc4b'], pending: ['9e107d9d372b'], wrong: [] }, style),
  ],
  ['migrate-adopt-refused', (style) => adoptText({ app: 'shop', adopted: false, current: [], pending: [], wrong }, style)],
  ['ready-not', (style) => readyText({ app: 'blog', ready: false, missing, diagnostics: [] }, style)],
  ['backup-list', (style) => backupsText(backups, style)],
  ['backup-show', (style) => backupText(saved, style)],
  ['backup-prune', (style) => prunedText({ gone: backups.slice(1), kept: backups.slice(0, 1), removed: false }, style)],
  ['up', (style) => serversText(servers, style)],
  [
    'down',
    (style) =>
      stoppedText(
        servers.map(({ instance }) => ({ instance, ran: true, destroyed: false })),
        style,
      ),
  ],
  ['config-show', (style) => settingsText(settings, { origin: true, style })],
];

describe('what other commands print', () => {
  it.each(outputs)('%s', async (name, text) => await golden(name, text));
});

/** SQL is printed as it can be pasted, and a word as long as it is. */
const whole = /^\S|^ *\S+$|^ {2}\S+ \S+$/;

it.each(outputs.filter(([name]) => name !== 'migrate-plan'))('%s: no line is wider than the screen', (_, text) => {
  for (const width of widths) {
    const lines = text(createStyle(false, width)).split('\n');
    expect(lines.filter((line) => widthOf(line) > width && (/\s\S+\s/.test(line.trim()) || !whole.test(line)))).toEqual([]);
  }
});
