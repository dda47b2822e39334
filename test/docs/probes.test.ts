import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { ProbeInfo } from '../../src/engine/index.ts';
import { engineIds, loadEngine } from '../../src/engines/index.ts';
import { probeIndex, probePage } from '../support/probe-pages.ts';

const folder = join(import.meta.dirname, '../../docs/probes');

let groups: { readonly title: string; readonly probes: readonly ProbeInfo[] }[] = [];

beforeAll(async () => {
  const engines = await Promise.all(engineIds.map(async (id) => await loadEngine(id)));
  groups = await Promise.all(engines.map(async (engine) => ({ title: engine?.title ?? '', probes: (await engine?.probes?.()) ?? [] })));
});

test('every probe has its page, and every page its probe', async () => {
  const all = groups.flatMap(({ title, probes }) => probes.map((probe) => ({ title, probe })));
  expect(all.length).toBeGreaterThan(60);
  expect(new Set(all.map(({ probe }) => probe.id)).size).toBe(all.length);
  for (const { title, probe } of all) await expect(probePage(probe, title)).toMatchFileSnapshot(join(folder, `${probe.id}.md`));
  await expect(probeIndex(groups)).toMatchFileSnapshot(join(folder, 'README.md'));
  expect(readdirSync(folder).sort()).toEqual(['README.md', ...all.map(({ probe }) => `${probe.id}.md`)].sort());
});

test('what is said of a probe is whole sentences, and its title is none', () => {
  for (const probe of groups.flatMap(({ probes }) => probes)) {
    expect(probe.title).not.toMatch(/\.$/);
    for (const text of [probe.attack, probe.why]) expect(text, probe.id).toMatch(/[.?]$/);
    for (const text of [probe.example, probe.hardening]) expect(text.trim(), probe.id).not.toBe('');
    expect(probe.levels.length, probe.id).toBeGreaterThan(0);
  }
});
