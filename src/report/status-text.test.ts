import { describe, expect, it } from 'vitest';
import { bytes } from '../util/bytes.ts';
import { statusJson, statusText } from './status-text.ts';
import type { StatusReport, StatusRow } from '../model/index.ts';
import { createStyle } from './style.ts';

const shop: StatusRow = {
  app: 'shop',
  instance: 'main',
  engine: 'anydb',
  isolation: 'database',
  location: 'database shop',
  size: 7_969_177,
  connections: 3,
  connectionLimit: 20,
  state: 'ready',
  pending: 0,
  drift: 0,
  credentialAge: 12.7,
};
const blog: StatusRow = {
  ...shop,
  app: 'blog',
  location: 'database blog',
  size: null,
  connections: null,
  connectionLimit: null,
  credentialAge: null,
};
const gone: StatusRow = { ...shop, app: 'old', state: 'retired', retired: '2026-01-02', pending: 1, drift: 2, credentialAge: 0 };

function report(more: Partial<StatusReport> = {}): StatusReport {
  return { placements: [shop, blog, gone], instances: [], shares: [], relaxations: [], foreign: [], diagnostics: [], ...more };
}

describe('status in text', () => {
  it('has a row for each app and closes with the count', () => {
    expect(statusText(report())).toBe(`APP   INSTANCE    ISOLATION  LOCATION          SIZE  CONNECTIONS  PENDING  DRIFT  CREDENTIAL  STATE
shop  anydb/main  database   database shop  7.6 MiB         3/20        0      0        12 d  ready
blog  anydb/main  database   database blog        ?   ?/no limit        0      0        none  ready
old   anydb/main  database   database shop  7.6 MiB         3/20        1      2       today  retired 2026-01-02

3 apps, 1 pending, 2 drift.
`);
  });

  it('names the instances that were not reached', () => {
    const text = statusText(report({ instances: [{ name: 'graph', engine: 'anygraph', reached: false, server: {} }] }));
    expect(text).toContain('3 apps, 1 pending, 2 drift. Not reached: graph.');
  });

  it('shows apps on an instance that does not answer, and claims nothing about them', () => {
    const lost: StatusRow = { ...blog, isolation: '?', location: '?', state: 'unknown' };
    const [, , row] = statusText(report({ placements: [shop, lost] })).split('\n');
    expect(row?.split(/ {2,}/)).toEqual(['blog', 'anydb/main', '?', '?', '?', '?', '?', '?', 'none', 'unknown']);
  });

  it('leaves out what can be spared where the screen is narrow, and says so', () => {
    const at = (width: number): string => statusText(report(), createStyle(false, width));
    expect(at(80)).toBe(`APP   INSTANCE    LOCATION       CONNECTIONS  PENDING  DRIFT  STATE
shop  anydb/main  database shop         3/20        0      0  ready
blog  anydb/main  database blog   ?/no limit        0      0  ready
old   anydb/main  database shop         3/20        1      2  retired 2026-01-02
Left out, because the screen is too narrow: ISOLATION, SIZE, CREDENTIAL

3 apps, 1 pending, 2 drift.
`);
    expect(at(120)).toBe(statusText(report()));
    const lines = at(40).split('\n');
    expect(lines.slice(0, 3)).toEqual(['shop', '  instance  anydb/main', '  isolation  database']);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('counts what is no app’s', () => {
    expect(statusText(report({ shared: { pending: 3, drift: 1 } }))).toMatch(
      /\n3 apps, 1 pending, 2 drift\. Shared objects: 3 pending, 1 drift\.\n$/,
    );
  });

  it('says so when there is no app', () => {
    expect(statusText(report({ placements: [] }))).toContain('No apps on the servers yet.');
  });

  it('shows the shares, with what is missing of them', () => {
    const share = {
      from: 'shop',
      to: 'blog',
      instance: 'main',
      engine: 'anydb',
      location: 'from_shop',
      state: 'ready',
      missing: [],
    } as const;
    const tables = [
      { table: 'orders', columns: null },
      { table: 'people', columns: ['id', 'name'] },
    ];
    const text = statusText(
      report({
        shares: [
          { ...share, tables },
          { ...share, to: 'x\u001b', tables, state: 'absent', missing: ['people.name'] },
        ],
      }),
    );
    expect(text).toContain(`Shares:
  blog reads shop on anydb/main in from_shop  ready
      orders, people (id, name)
  x\\u001b reads shop on anydb/main in from_shop  absent
      orders, people (id, name), not existing yet: people.name

3 apps`);
  });

  it('gives everything as JSON', () => {
    expect(JSON.parse(statusJson(report()))).toEqual({ format: 1, ...report() });
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [150 * 1024, '150 KiB'],
    [5 * 1024 ** 4, '5.0 TiB'],
  ])('%d bytes are %s', (size, text) => {
    expect(bytes(size)).toBe(text);
  });
});
