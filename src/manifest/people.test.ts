import { expect, test } from 'vitest';
import { schemaEngines } from '../../test/support/schema-engine.ts';
import { parseManifest } from './parse.ts';

const head = 'cotenant: 1\nproject: p\ninstances: { main: { engine: alpha }, side: { engine: beta, path: x } }\n';

async function read(source: string) {
  const { manifest, diagnostics } = await parseManifest(head + source, { file: '/p/cotenant.yaml', env: {}, ...schemaEngines });
  expect(diagnostics).toEqual([]);
  return manifest;
}

test('an operator is on every instance whose engine knows its words, or on those that are named', async () => {
  const manifest = await read('operators: { backup: { may: [connect, connect] }, exporter: { may: [connect], instances: [main] } }\n');
  const on = manifest?.instances.map(({ name, input }) => [name, input.operators.map((one) => [one.name, one.may])]);
  expect(on).toEqual([
    [
      'main',
      [
        ['backup', ['connect']],
        ['exporter', ['connect']],
      ],
    ],
    ['side', []],
  ]);
});

test('a known login is on its instance, or on all, with the reason', async () => {
  const manifest = await read(`known: [{ user: old, on: side, why: "March" }, { user: "o'brien", why: "his" }]\n`);
  const on = manifest?.instances.map(({ name, input }) => [name, input.known.map((one) => [one.user, one.why])]);
  expect(on).toEqual([
    ['main', [["o'brien", 'his']]],
    [
      'side',
      [
        ['old', 'March'],
        ["o'brien", 'his'],
      ],
    ],
  ]);
});

test('both are part of what the manifest means', async () => {
  const hashes = await Promise.all(
    ['', 'operators: { b: { may: [connect] } }\n', 'operators: { b: { may: [read-all] } }\n', 'known: [{ user: b, why: x }]\n'].map(
      async (source) => (await read(source))?.hash,
    ),
  );
  expect(new Set(hashes).size).toBe(4);
});
