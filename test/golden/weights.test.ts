import { describe, expect, it } from 'vitest';
import type { SizesReport, SlowReport, VacuumReport } from '../../src/model/index.ts';
import { sizesDocument, slowDocument, vacuumDocument } from '../../src/report/documents/weights.ts';
import type { Style } from '../../src/report/style.ts';
import { sizesJson, sizesText, slowJson, slowText } from '../../src/report/weights-text.ts';
import { vacuumedLine, vacuumJson, vacuumText } from '../../src/report/vacuum-text.ts';
import { golden } from './write.ts';

const main = { instance: 'main', engine: 'postgres' };
const slow: SlowReport = {
  format: 1,
  app: null,
  statements: [
    {
      ...main,
      app: 'shop',
      text: 'SELECT * FROM orders WHERE customer = $1 AND at > ?',
      calls: 340,
      seconds: 12.04,
      longest: 2.1,
      rows: 4080,
    },
    { instance: 'cache', engine: 'redis', app: null, text: 'EVALSHA', calls: 1, seconds: 0.0042, longest: 0.0042, rows: null },
  ],
  untold: [{ instance: 'sql', what: 'statements: performance_schema = ON in the configuration, with a restart' }],
  diagnostics: [],
};
const sizes: SizesReport = {
  format: 1,
  app: null,
  apps: [
    { ...main, app: 'shop', bytes: 80_000_000, exact: true },
    { app: 'shop', instance: 'cache', engine: 'redis', bytes: 2048, exact: false },
    { ...main, app: 'team', bytes: null, exact: true },
  ],
  tables: Array.from({ length: 22 }, (_, n) => ({
    ...main,
    app: n === 1 ? null : 'shop',
    table: `public.t${n}`,
    bytes: 40_000_000 / (n + 1),
    indexBytes: 1_000_000,
    rows: n === 2 ? null : 1000,
  })),
  untold: [],
  diagnostics: [],
};

const vacuum: VacuumReport = {
  format: 1,
  app: null,
  tables: [
    { ...main, app: 'shop', table: 'public.orders', state: 'done', seconds: 0.2 },
    { ...main, app: 'shop', table: 'public.held', state: 'skipped', why: 'canceling statement due to lock timeout', seconds: 1 },
  ],
  diagnostics: [],
};

describe('slow and sizes', () => {
  it('slow', async () => await golden('slow', (style: Style) => slowText(slow, style)));
  it('vacuum', async () =>
    await golden('vacuum', (style: Style) => `${vacuum.tables.map(vacuumedLine).join('\n')}\n\n${vacuumText(vacuum, style)}`));
  it('sizes', async () => await golden('sizes', (style: Style) => sizesText(sizes, style)));

  it('prints for programs what its schema says', () => {
    expect(slowDocument.parse(JSON.parse(slowJson(slow, 0)))).toMatchObject({ statements: slow.statements });
    expect(sizesDocument.parse(JSON.parse(sizesJson(sizes, 0)))).toMatchObject({ apps: sizes.apps, tables: sizes.tables });
    expect(vacuumDocument.parse(JSON.parse(vacuumJson(vacuum, 3)))).toMatchObject({ exitCode: 3, tables: vacuum.tables });
    expect(slowText({ ...slow, statements: [], untold: [] })).toBe('No statements.\n');
  });
});
