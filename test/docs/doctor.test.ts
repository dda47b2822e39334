import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { checksById } from '../../src/app/codes.ts';
import { commonChecks, type Lifetimes } from '../../src/engine/index.ts';
import { engineIds, loadEngine } from '../../src/engines/index.ts';
import { lifetimes as mysql } from '../../src/engines/mysql/doctor/lifetimes.ts';
import { lifetimes as postgres } from '../../src/engines/postgres/doctor/lifetimes.ts';
import { lifetimes as redis } from '../../src/engines/redis/doctor/lifetimes.ts';
import { type Checked, doctorReference } from './doctor-reference.ts';

const root = join(import.meta.dirname, '../..');

const lifetimes = new Map<string, readonly Lifetimes[]>([
  ['postgres', [postgres]],
  ['mysql', Object.values(mysql)],
  ['redis', Object.values(redis)],
]);

let engines: readonly Checked[] = [];

beforeAll(async () => {
  engines = await Promise.all(
    engineIds.map(async (id) => {
      const engine = await loadEngine(id);
      return { title: engine?.title ?? '', checks: (await engine?.checks?.()) ?? [], lifetimes: lifetimes.get(id) ?? [] };
    }),
  );
});

test('docs/doctor.md says what the checks say', async () => {
  await expect(doctorReference(engines)).toMatchFileSnapshot(join(root, 'docs/doctor.md'));
});

test('an id stands for one thing, and means the same on every engine', () => {
  const all = engines.flatMap(({ checks }) => checks);
  for (const { checks } of engines) expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  for (const [, same] of Map.groupBy(all, ({ id }) => id)) expect(new Set(same.map(({ title, why }) => title + why)).size).toBe(1);
  for (const { id, looks, why, remedy, fix = '.', title } of all) {
    expect(id).toMatch(/^CT-D\d{3}$/);
    expect(title).not.toMatch(/\.$/);
    for (const text of [looks, why, remedy, fix]) expect(text, id).toMatch(/\.$/);
  }
});

test('every check can be explained, with what each engine reads for it', async () => {
  const explained = await checksById();
  const all = engines.flatMap(({ checks }) => checks);
  expect([...explained.keys()].sort()).toEqual([...new Set([...commonChecks, ...all].map(({ id }) => id))].sort());
  for (const { id, readBy } of explained.values()) expect(readBy.length, id).toBeGreaterThan(0);
});

test('the last day of a version is a day, and the newest version is first', () => {
  for (const { ends, read, source } of engines.flatMap(({ lifetimes }) => lifetimes)) {
    expect(source).toMatch(/^https:/);
    for (const day of [read, ...ends.map(([, end]) => end)]) expect(day ?? '2000-01-01').toMatch(/^20\d\d-[01]\d-[0-3]\d$/);
  }
});
