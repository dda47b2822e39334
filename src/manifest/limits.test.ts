import { describe, expect, test } from 'vitest';
import { schemaEngines } from '../../test/support/schema-engine.ts';
import { limits } from './limits.ts';
import { parseManifest } from './parse.ts';

const head = 'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha } }\n';

async function codes(source: string): Promise<readonly string[]> {
  const { diagnostics, manifest } = await parseManifest(source, { file: 'c.yaml', env: {}, ...schemaEngines });
  expect(manifest).toBeNull();
  return diagnostics.map((one) => one.code);
}

describe('a hostile file ends in an error', () => {
  test.each([
    ['flow lists', `${head}x: ${'['.repeat(500_000)}`],
    ['flow lists that are closed', `${head}x: ${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['flow maps', `${head}x: ${'{a: '.repeat(5000)}`],
    ['block lists', `${head}x:\n  ${'- '.repeat(50_000)}`],
    ['explicit keys', '? '.repeat(50_000)],
    ['indentation', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['just too deep', `${head}x: ${'['.repeat(limits.depth)}${']'.repeat(limits.depth)}`],
    ['aliases inside aliases', `a0: &a0 [1]\n${Array.from({ length: 80 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]`).join('\n')}\n`],
  ])('nested %s', async (_name, source) => {
    expect(await codes(source)).toContain('CT1005');
  });

  test('as deep as allowed is not too deep', async () => {
    const depth = limits.depth - 2;
    expect(await codes(`${head}x: ${'['.repeat(depth)}${']'.repeat(depth)}`)).toEqual(['CT1010']);
  });

  test('aliases that multiply', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 9 }, () => `*a${i}`).join(', ')}]`);
    expect(await codes(`a0: &a0 [x]\n${lines.join('\n')}\n`)).toEqual(['CT1004']);
  });

  test('merges that multiply', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} { <<: *a${i}, x${i}: *a${i}, y${i}: *a${i} }`);
    expect(await codes(`a0: &a0 { x: 1 }\n${lines.join('\n')}\n`)).toEqual(['CT1004']);
  });

  test('a large file', async () => {
    expect(await codes(`${head}# ${'x'.repeat(limits.source)}`)).toEqual(['CT1004']);
  });

  test('too many apps', async () => {
    const values = Array.from({ length: 150 }, (_, i) => `v${i}`).join(', ');
    const team = (key: string): string => `  ${key}_{a}_{b}: { for: { a: [${values}], b: [${values}] }, uses: {} }\n`;
    expect(await codes(`${head}teams:\n${team('x')}`)).toEqual(['CT1209']);
    const half = team('x')
      .replace('v149', 'v148x')
      .replaceAll(/, v1[0-4]\d/g, '');
    expect(await codes(`${head}teams:\n${half}${half.replace('x_', 'y_')}${half.replace('x_', 'z_')}`)).toEqual(['CT1004']);
  });

  test.each([
    ['one long word', `${head}backup: { schedule: ${'a'.repeat(1_000_000)} }\nx: 1\n`],
    ['many colons', `${head}backup: { schedule: "${'a://b:'.repeat(100_000)}" }\nx: 1\n`],
    ['many passwords', `${head}x:\n${Array.from({ length: 20_000 }, (_, i) => `  p${i}_password: s${i}`).join('\n')}\n`],
  ])('%s is not slow to cover', async (_name, source) => {
    expect(await codes(source)).toContain('CT1010');
  });
});
