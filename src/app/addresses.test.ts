import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineIds, loadEngine } from '../engines/index.ts';
import { DiagnosticError } from '../model/index.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import { checkProject } from './check.ts';
import { importServer } from './import.ts';
import { planProject } from './plan.ts';
import { openProject } from './project.ts';

const engines = await Promise.all(engineIds.map(async (id) => ({ id, scheme: (await loadEngine(id))?.schemes[0] ?? '' })));

/** What stands after the scheme. Nobody listens on port 1. */
const ODD = [
  '',
  '/',
  '//',
  '//127.0.0.1:99999',
  '//127.0.0.1:abc',
  '//%zz@127.0.0.1:1',
  '//%00@127.0.0.1:1/%00',
  '//a:%zz@127.0.0.1:1',
  '//%E0%A4%A@127.0.0.1:1',
  '//127.0.0.1:1/%zz',
  '//127.0.0.1:1/?sslrootcert=/none/here',
  '//127.0.0.1:1/?sslmode=require&sslcert=/none/here&sslkey=/none/here',
  '//127.0.0.1:1/?sslmode=whatever',
  '//127.0.0.1:1/?sslmode=verify-ca&uselibpqcompat=true',
  '//127.0.0.1:1/?port=abc',
  '//127.0.0.1:1/?port=99999',
  '//127.0.0.1:1/?host=%zz',
  '//127.0.0.1:1/?host=/none/here',
  '//127.0.0.1:1/?user=%zz',
  '//127.0.0.1:0',
  '//127.0.0.1,127.0.0.2:1',
  '//[::1:1',
  '//[::zz]:1',
  '//127.0.0.1:1/a/b/c#d',
  '//-:1',
];

/** Whatever is wrong, somebody is told what to do: no text of a manifest is a fault of cotenant. */
async function isTold(act: () => Promise<{ readonly diagnostics: readonly unknown[] }>): Promise<void> {
  const told = await act().catch((error: unknown) => {
    if (error instanceof DiagnosticError) return { diagnostics: error.diagnostics };
    throw error;
  });
  expect(told.diagnostics).not.toEqual([]);
}

describe.each(engines)('an odd address of $id', ({ id, scheme }) => {
  const addresses = ['127.0.0.1:1', ...ODD.map((rest) => `${scheme}:${rest}`)];

  it.each(addresses)('is told in the manifest and by a plan where it is %j', async (url) => {
    await using folder = await tempDir();
    for (const field of ['url', 'publicUrl'] as const) {
      const other = field === 'url' ? '' : `    url: ${scheme}://127.0.0.1:1\n`;
      const head = `cotenant: 1\nproject: p\ninstances:\n  main:\n    engine: ${id}\n${other}    ${field}: ${JSON.stringify(url)}\n`;
      await writeFile(join(folder.path, 'cotenant.yaml'), `${head}apps:\n  shop: { uses: { main: {} } }\n`);
      await isTold(async () => await checkProject(await openProject({ cwd: folder.path, env: {} }), { deadline: 500 }));
      await isTold(async () => {
        const { plan } = await planProject(await openProject({ cwd: folder.path, env: {} }), { deadline: 500 });
        return plan;
      });
    }
  });

  it.each(addresses)('is told by an import where it is %j', async (url) => {
    await isTold(async () => await importServer({ url, password: null, env: {} }));
  });
});
