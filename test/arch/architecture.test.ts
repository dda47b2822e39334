import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cycles, wrongDirections } from './direction.ts';
import { fileLimit, functionLimit, longFiles, longFunctions } from './lengths.ts';
import { type Module, readModules } from './modules.ts';
import { idleNames, strayNames } from './names.ts';
import { entries, unreachable } from './reach.ts';
import { bareRecords } from './records.ts';
import { parsedTexts, TEXTS } from './statements.ts';
import { strayWords } from './words.ts';
import { idleDriverModules, strayDrivers, strayShell } from './world.ts';

const root = join(import.meta.dirname, '../..');

let all: Module[] = [];
let src: Module[] = [];

beforeAll(async () => {
  all = await readModules(root, ['src', 'test', 'bench', 'scripts', 'examples']);
  src = all.filter(({ path }) => path.startsWith('src/'));
});

test('the checks below see the code', () => {
  expect(src.length).toBeGreaterThan(150);
  expect(src.flatMap(({ imports }) => imports.filter(({ target }) => target !== null)).length).toBeGreaterThan(300);
});

describe('src/', () => {
  test('imports go one way', () => expect(wrongDirections(src)).toEqual([]));
  test('no cycles at run time', () => expect(cycles(all)).toEqual([]));
  test('no engine is named outside of its folder', () => expect(strayNames(src)).toEqual([]));
  test('only sessions import a driver', () => expect(strayDrivers(src)).toEqual([]));
  test('a record is read by names that are data through its helper', () => expect(bareRecords(root)).toEqual([]), 600_000);
  test('nothing looks into a text that is for people', () => expect(parsedTexts(root, TEXTS)).toEqual([]), 600_000);
  test('only the CLI prints, reads standard input, and ends the process', () => expect(strayShell(src)).toEqual([]));
  test('is reached from an entry point, all of it', () => expect(unreachable(src)).toEqual([]));
  test('every entry point is there', () => expect(entries.filter((path) => !src.some((module) => module.path === path))).toEqual([]));
  test('every exception is needed', () => expect([...idleDriverModules(src), ...idleNames(src)]).toEqual([]));
});

test('the words are those of the glossary', async () => expect(await strayWords(root)).toEqual([]));

test(`no file has more than ${fileLimit} lines`, () => expect(longFiles(all)).toEqual([]));
test(`no function has more than ${functionLimit} lines`, () => expect(longFunctions(all)).toEqual([]));
