import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout } from './cli.ts';
import { type Measured, tableMarkdown } from './table.ts';

const page = join(checkout, 'docs/benchmarks.md');

/** Replaces the section of each part that was measured; the others stay as they were. */
export async function writeDocs(measured: readonly Measured[], machine: string): Promise<void> {
  let text = await readFile(page, 'utf8');
  for (const { part, rows } of measured) {
    const [open, close] = [`<!-- ${part.name} -->`, `<!-- /${part.name} -->`];
    const day = new Date().toISOString().slice(0, 10);
    const section = `${open}\n## ${part.title}\n\n${part.how}\n\n${tableMarkdown(rows)}\n\n${day}, ${machine}. Again: \`npm run bench -- ${part.name}\`.\n${close}`;
    const [from, to] = [text.indexOf(open), text.indexOf(close)];
    text = from < 0 || to < from ? `${text.trimEnd()}\n\n${section}\n` : `${text.slice(0, from)}${section}${text.slice(to + close.length)}`;
  }
  await writeFile(page, text);
}
