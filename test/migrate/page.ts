import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../support/places.ts';

const FOLDER = join(checkout, 'docs/migrations');
const BLOCK = /^```\w+ (\S+)\n([\s\S]*?)^```/gm;

/** A file as the page of its tool shows it: a block whose first line names it, as "```js knexfile.mjs". */
export function fileOnPage(tool: string, name: string): string {
  const found = blocksIn(`${tool}.md`).find((one) => one.name === name);
  if (!found) throw new Error(`docs/migrations/${tool}.md has no block for ${name}`);
  return found.text;
}

/** Every block of every page that has a name. */
export function blocksOnPages(): readonly { readonly tool: string; readonly name: string }[] {
  return readdirSync(FOLDER).flatMap((file) => blocksIn(file).map(({ name }) => ({ tool: file.replace(/\.md$/, ''), name })));
}

function blocksIn(file: string): readonly { readonly name: string; readonly text: string }[] {
  return [...readFileSync(join(FOLDER, file), 'utf8').matchAll(BLOCK)].map(([, name = '', text = '']) => ({ name, text }));
}
