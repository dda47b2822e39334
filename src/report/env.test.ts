import { parseEnv } from 'node:util';
import { execFileSync } from '../../test/support/children.ts';
import { fc } from '../../test/support/properties.ts';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { EnvVar } from '../engine/index.ts';
import { DiagnosticError } from '../model/index.ts';
import type { EnvFormat } from './env.ts';
import { envFormats, formatEnv } from './env.ts';

const hostile = [
  '',
  ' ',
  '  a b  ',
  '#',
  'a #b',
  "it's",
  'say "x"',
  '`id`',
  '$HOME',
  '${HOME}',
  '$(id)',
  '!x',
  '\\',
  'a\\nb',
  '\\\\',
  'a\nb',
  '\n',
  '\n\n',
  'a\n#b',
  'A=B',
  'a;b',
  'a&b',
  '*',
  '~',
  '-n',
  'on',
  '0123',
  'null',
  '{}',
  '[x]',
  '"',
  "'",
  'ünï✓',
  '\u2028',
  '\t',
  '\u0085',
  '\ufeff',
  `'"`,
  `'$`,
  "'\\",
  `'\``,
  '%41',
  'a: b',
  '--- x',
  '\u0001',
]; // prettier-ignore

const value = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...hostile), { maxLength: 4 }).map((parts) => parts.join('')) },
  fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
  fc.string({ unit: 'grapheme-composite' }),
);
const variables = fc
  .array(value, { minLength: 1, maxLength: 6 })
  .map((values) => values.map((text, index) => variable(`V_${index}`, text)));

function variable(name: string, text: string): EnvVar {
  return { name, value: text, secret: true };
}

/** null where the format says that it cannot hold a value. */
function write(list: readonly EnvVar[], format: EnvFormat): string | null {
  try {
    return formatEnv(list, { format, reveal: true, name: 'digi_core' });
  } catch (error) {
    if (error instanceof DiagnosticError) return null;
    throw error;
  }
}

function asObject(list: readonly EnvVar[]): Record<string, string> {
  return Object.fromEntries(list.map((item) => [item.name, item.value]));
}

test('a shell that evaluates the text has the values, and does nothing else', () => {
  const check = (list: readonly EnvVar[]): void => {
    const script = `${formatEnv(list, { format: 'shell', reveal: true, name: 'a' })}${list.map(({ name }) => `printf '%s\\0' "$${name}"`).join('\n')}\n`;
    const output = execFileSync('sh', ['-eu'], { input: script, encoding: 'utf8', env: {} });
    expect(output.split('\0').slice(0, -1)).toEqual(list.map((item) => item.value));
  };
  check(hostile.map((text, index) => variable(`V_${index}`, text)));
  fc.assert(fc.property(variables, check), { numRuns: 60 });
});

test("Node's reader of dotenv files gives the values back, or the value is refused by name", () => {
  fc.assert(
    fc.property(variables, (list) => {
      const text = write(list, 'dotenv');
      if (text !== null) expect(parseEnv(text)).toEqual(asObject(list));
    }),
    { numRuns: 3000 },
  );
});

test('dotenv refuses only what no quotes of it can hold', () => {
  for (const text of hostile) expect(write([variable('A', text)], 'dotenv'), JSON.stringify(text)).not.toBeNull();
  for (const text of ['\r', '\0', `'"\``, "'`\\"]) expect(write([variable('A', text)], 'dotenv'), JSON.stringify(text)).toBeNull();
});

test('JSON and Kubernetes hold any value', () => {
  fc.assert(
    fc.property(variables, (list) => {
      expect(JSON.parse(write(list, 'json') ?? '')).toEqual(asObject(list));
      for (const version of ['1.1', '1.2'] as const) {
        expect(parse(write(list, 'k8s') ?? '', { version })).toEqual({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'digi-core-env' },
          type: 'Opaque',
          stringData: asObject(list),
        });
      }
    }),
    { numRuns: 1000 },
  );
});

test('an --env-file has one line for each variable, with the value as it is', () => {
  fc.assert(
    fc.property(variables, (list) => {
      const text = write(list, 'docker');
      const fits = list.every((item) => !/[\r\n\0]/.test(item.value));
      expect(text).toBe(fits ? list.map((item) => `${item.name}=${item.value}\n`).join('') : null);
    }),
    { numRuns: 1000 },
  );
});

test('a refusal names the variable and not the value', () => {
  expect(() => formatEnv([variable('A', 'x\ny')], { format: 'docker', reveal: true, name: 'a' })).toThrow(
    'CT5101: The value of A cannot be written in the format docker.',
  );
});

test.each(envFormats)('%s masks secrets unless they are asked for', (format) => {
  const list: EnvVar[] = [
    { name: 'URL', value: 'db://u:hush@h/d', masked: 'db://u:********@h/d', secret: true },
    { name: 'PASSWORD', value: 'hush', secret: true },
    { name: 'HOST', value: 'hush-hush.example', secret: false },
  ];
  const masked = formatEnv(list, { format, reveal: false, name: 'shop' });
  expect(masked).toContain('db://u:********@h/d');
  expect(masked).toMatch(/PASSWORD\W+\*{8}\W/);
  expect(masked).toContain('hush-hush.example');
  expect(masked.replaceAll('hush-hush', '')).not.toContain('hush');
  expect(formatEnv(list, { format, reveal: true, name: 'shop' })).toMatch(/PASSWORD\W+hush\W/);
});

test('the plain values of an app stand without quotes', () => {
  const list = [variable('DATABASE_URL', 'db://a:b%20c@h:5432/d?options=-c%20search_path%3Dx%2Cpublic&sslmode=require')];
  expect(write(list, 'dotenv')).toBe(`DATABASE_URL=${list[0]?.value}\n`);
});

test.each([
  ['digi_core', 'digi-core-env'],
  ['Shop.v2', 'shop-v2-env'],
  ['__x__', 'x-env'],
])('the Secret of %s is %s', (app, name) => {
  expect(parse(formatEnv([variable('A', 'b')], { format: 'k8s', reveal: true, name: app }))).toMatchObject({ metadata: { name } });
});

test('names that are none are refused', () => {
  expect(() => formatEnv([variable('A B', 'x')], { format: 'shell', reveal: true, name: 'a' })).toThrow("not a variable's name");
  expect(() => formatEnv([variable('A', 'x')], { format: 'k8s', reveal: true, name: 'ж' })).toThrow('CT5102');
});
