import { readFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { join } from 'node:path';

const glossary = 'docs/glossary.md';

/** Where words are read. The glossary itself names the former ones. */
const places = ['src/**/*.ts', 'test/**/*.ts', 'docs/**/*.md', 'examples/**/*.{md,yaml}', 'bench/**/*.ts', '*.md'];

/** Files that name a former word, each with its reason. */
const mayName: Readonly<Record<string, string>> = {
  [glossary]: 'lists them',
  'CHANGELOG.md': 'tells what earlier releases printed',
  'test/arch/words.ts': 'gives an example',
  'test/arch/self.test.ts': 'tries the check itself',
};

export interface FormerWord {
  readonly word: RegExp;
  readonly say: string;
}

/** The rows of the table "Former words" that have a pattern. A bar inside a cell is written `\|`. */
export function formerWords(page: string): readonly FormerWord[] {
  const [, table = ''] = page.split('## Former words');
  return table.split('\n').flatMap((line) => {
    const [, , say = '', cell = ''] = line.split(/(?<!\\)\|/).map((one) => one.trim());
    const pattern = /^`(.+)`$/.exec(cell)?.[1];
    return pattern === undefined ? [] : [{ word: new RegExp(pattern.replaceAll(String.raw`\|`, '|')), say }];
  });
}

/** `line 3: "Nobody agreed": Not confirmed`. */
export function findWords(text: string, words: readonly FormerWord[]): readonly string[] {
  return text.split('\n').flatMap((line, index) =>
    words.flatMap(({ word, say }) => {
      const found = word.exec(line)?.[0];
      return found === undefined ? [] : [`line ${index + 1}: "${found}": ${say}`];
    }),
  );
}

export async function strayWords(root: string): Promise<readonly string[]> {
  const words = formerWords(await readFile(join(root, glossary), 'utf8'));
  const paths = globSync(places, { cwd: root, exclude: ['**/node_modules/**'] }).filter((path) => !Object.hasOwn(mayName, path));
  const found = await Promise.all(
    paths.sort().map(async (path) => findWords(await readFile(join(root, path), 'utf8'), words).map((what) => `${path} ${what}`)),
  );
  return found.flat();
}
