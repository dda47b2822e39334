// Puts the types of what the library exports into one file. What that file declares and does not export is an internal that
// a public type names: either it is public too, or `@internal` takes the member that names it out.
import { glob, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

/** In the folder of compiled modules, in place: `index.d.ts` is left, and no other declaration. */
export async function bundleTypes(folder: string): Promise<void> {
  const build = await rolldown({
    cwd: folder,
    input: { index: './index.d.ts' },
    logLevel: 'warn',
    external: (id) => !/^[./]/.test(id),
    // The compiler has written the declarations: nothing is left to generate, and TypeScript 7 is not asked for it.
    plugins: [dts({ dtsOnly: true, tsconfig: false, generator: 'oxc' })],
  });
  const { output } = await build.generate({ format: 'esm', entryFileNames: '[name].d.ts' });
  await build.close();
  const [{ code }] = output;
  const leaks = leaksOf(code);
  if (leaks.length > 0) throw new Error(`the public types name internals: ${leaks.join(', ')}`);
  for await (const file of glob('**/*.d.ts', { cwd: folder })) await rm(join(folder, file));
  await writeFile(join(folder, 'index.d.ts'), code);
}

/** What a bundle of declarations imports, or declares without exporting it. */
export function leaksOf(code: string): readonly string[] {
  const imported = [...code.matchAll(/^import .*? from (["'].*?["']);?$/gm)].map(([, from = '']) => from);
  const exported = new Set(
    [...code.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
      names.split(',').map(
        (name) =>
          name
            .trim()
            .replace(/^type /, '')
            .split(' ')[0],
      ),
    ),
  );
  const declared = [...code.matchAll(/^(?:declare )?(?:abstract )?(?:interface|type|class|const|function|enum) (\w+(?:\$\d+)?)/gm)];
  return [...imported, ...declared.flatMap(([, name = '']) => (exported.has(name) ? [] : [name]))];
}
