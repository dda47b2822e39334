import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { engineIds, loadEngine } from '../../src/engines/index.ts';
import { parseManifest } from '../../src/manifest/parse.ts';
import { placeIn } from '../../src/runtime/place.ts';
import { checkout } from '../support/places.ts';

const page = await readFile(join(checkout, 'docs/runtime.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);

describe('docs/runtime.md', () => {
  it('shows manifests that are right, whose servers cotenant starts', async () => {
    const sources = blocks('yaml');
    expect(sources).not.toEqual([]);
    for (const source of sources) {
      const { manifest, diagnostics } = await parseManifest(source, { file: 'cotenant.yaml', env: {}, engineIds, loadEngine });
      expect(diagnostics).toEqual([]);
      expect(manifest?.instances.length).toBeGreaterThan(0);
    }
  });

  it('calls commands and flags that there are', () => {
    const program = buildProgram({
      version: '',
      bind: () => () => Promise.resolve(),
      writeOut: () => undefined,
      writeErr: () => undefined,
    });
    const calls = [...page.matchAll(/cotenant (up|down|logs|status)((?: -{1,2}[A-Za-z-]+)*)/g)];
    expect(calls.length).toBeGreaterThan(8);
    for (const [text, verb, flags = ''] of calls) {
      const command = program.commands.find((one) => one.name() === verb);
      const known = [...(command?.options ?? []), ...program.options].flatMap(({ short, long }) => [short, long]);
      for (const flag of flags.split(' ').filter((one) => one !== ''))
        expect([text, known]).toEqual([text, expect.arrayContaining([flag])]);
    }
  });

  it('names every file of a server', () => {
    const { folder, ...files } = placeIn('/x');
    for (const file of [files.state, files.supervisor, files.log]) expect(page).toContain(`\`${file.slice(folder.length + 1)}\``);
  });
});
