import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { execFileSync } from '../support/children.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { leaksOf } from '../../scripts/bundle-types.ts';
import { nodePath } from '../support/cli.ts';
import { checkout } from '../support/places.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')));
const packed = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })]);

/** What a shell has that did not come through `npm test`. */
function shell(path: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_(?!EXTRA_CA_CERTS$)|VITEST|TEST$|DEV$|PROD$|MODE$)/.test(name));
  return { ...Object.fromEntries(own), PATH: path, npm_config_loglevel: 'error' };
}

const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
/** The machine's own programs. */
const machine = shell(path.join(delimiter));
/** The same machine with Node 24. */
const modern = shell([dirname(nodePath()), ...path].join(delimiter));

function run(env: NodeJS.ProcessEnv, cwd: string, program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd, env, timeout: 170_000, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

beforeAll(() => run(modern, checkout, 'node', 'scripts/build.ts', '--if-stale'));

describe('the package as packed, installed into an empty folder', () => {
  let folder: TempDir;
  let files: string[] = [];

  beforeAll(async () => {
    folder = await tempDir();
    const [{ filename, files: list }] = packed.parse(
      JSON.parse(run(modern, checkout, 'npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder.path)),
    );
    files = list.map((file) => file.path);
    await writeFile(join(folder.path, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
    run(modern, folder.path, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', join(folder.path, filename));
  });
  afterAll(async () => folder[Symbol.asyncDispose]());

  test('holds what people need and nothing else', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'CHANGELOG.md',
        'dist/cli/main.js',
        'dist/index.js',
        'dist/index.d.ts',
        'dist/cotenant.1',
        'docs/cli.md',
      ]),
    );
    expect(files.filter((file) => !/^(dist|docs|examples)\/|^(LICENSE|README\.md|CHANGELOG\.md|package\.json)$/.test(file))).toEqual([]);
    expect(files.filter((file) => /\.test\.|harness|\.tsbuildinfo/.test(file))).toEqual([]);
  });

  test('has the pages that README links to, and says nothing of itself that is not so', async () => {
    const links = [...(await readFile(join(checkout, 'README.md'), 'utf8')).matchAll(/\]\(([^)#]+)/g)].map(([, to = '']) => to);
    const inside = links.filter((to) => !/^https?:/.test(to) && to !== 'CONTRIBUTING.md');
    expect(inside.filter((to) => !files.some((file) => file === to || file.startsWith(`${to}/`)))).toEqual([]);
    const said = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(said).toMatchObject({
      license: 'Apache-2.0',
      engines: { node: '>=22.13' },
      keywords: expect.arrayContaining(['postgres']) as unknown,
    });
    // There is no public repository yet to point to.
    expect(said['repository'] ?? said['homepage'] ?? said['bugs']).toBeUndefined();
  });

  test('ships no internals: one file of types, and one door', async () => {
    expect(files.filter((file) => file.endsWith('.d.ts'))).toEqual(['dist/index.d.ts']);
    expect(leaksOf(await readFile(join(folder.path, 'node_modules/cotenant/dist/index.d.ts'), 'utf8'))).toEqual([]);
    const inside = files.filter((file) => /^dist\/.*\.js$/.test(file));
    expect(inside.length).toBeGreaterThan(5);
    const attempts = inside.map((file) => `import('cotenant/${file}').then(() => '${file}', (error) => error.code)`);
    await writeFile(
      join(folder.path, 'inside.js'),
      `console.log(JSON.stringify([...new Set(await Promise.all([${attempts.join(',')}]))]));\n`,
    );
    expect(run(modern, folder.path, 'node', 'inside.js')).toBe('["ERR_PACKAGE_PATH_NOT_EXPORTED"]\n');
  });

  test('has the CLI', () => {
    expect(run(modern, folder.path, 'npx', '--no-install', 'cotenant', '--version')).toBe(`${version}\n`);
    expect(run(modern, folder.path, 'npx', '--no-install', 'cotenant', '--help')).toContain('apply');
  });

  test('is a library with types', async () => {
    await writeFile(
      join(folder.path, 'use.ts'),
      "import { addressKey, applyProject, DiagnosticError, type Diagnostic, openProject, type Plan, type Project } from 'cotenant';\n" +
        'export const key: string = addressKey({ engine: "e", instance: "i", kind: "k", name: "n" });\n' +
        'export const stop = (list: readonly Diagnostic[]): never => { throw new DiagnosticError(list); };\n' +
        'export const count = (plan: Plan): number => plan.steps.length;\n' +
        '// @ts-expect-error a plan has no such member: the types are really there\n' +
        'export const none = (plan: Plan): unknown => plan.nothing;\n' +
        'export const done = async (): Promise<readonly string[]> => {\n' +
        '  const project = await openProject({ cwd: "/", env: {} });\n' +
        '  const apps = project.manifest.apps.map(({ name }) => name);\n' +
        '  for await (const event of applyProject(project, { consent: async () => true }))\n' +
        '    if (event.type === "result") return [...apps, event.ending];\n' +
        '  return apps;\n};\n' +
        '// @ts-expect-error the secret store is an internal\n' +
        'export const secrets = (project: Project): unknown => project.secrets;\n' +
        'console.log(key);\n',
    );
    const options = {
      module: 'nodenext',
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable', 'dom'],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      types: [],
    };
    await writeFile(join(folder.path, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
    expect(run(modern, folder.path, join(checkout, 'node_modules/.bin/tsc'), '-p', '.')).toBe('');
    expect(run(modern, folder.path, 'node', 'use.ts')).toBe('e/i/k/n\n');
  });
});

describe('a checkout, on the Node that the machine has', () => {
  test.each([
    [['--version'], `${version}\n`],
    [['explain', 'CT1203'], 'CT1203: '],
  ])('npx --prefix runs the CLI from any other folder: %j', async (args, start) => {
    await using folder = await tempDir();
    expect(run(machine, folder.path, 'npx', '--prefix', checkout, 'cotenant', ...args).slice(0, start.length)).toBe(start);
  });

  test('npx runs it in the checkout', () => {
    expect(run(machine, checkout, 'npx', 'cotenant', '--version')).toBe(`${version}\n`);
  });
});
