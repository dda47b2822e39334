import { glob, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { parseSync, type Program, Visitor } from 'oxc-parser';

/** `type`: gone after compilation. `dynamic`: `import()`, loaded when it is reached. */
type ImportKind = 'value' | 'type' | 'dynamic';

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Path from the root of the tree; null: a package or a built-in. */
  readonly target: string | null;
  readonly kind: ImportKind;
}

export interface Module {
  /** From the root of the tree, with slashes. */
  readonly path: string;
  readonly source: string;
  readonly program: Program;
  readonly imports: readonly Import[];
}

/** Parses every TypeScript file under the folders. Throws where one has a syntax error. */
export async function readModules(root: string, folders: readonly string[]): Promise<Module[]> {
  const patterns = folders.map((folder) => `${folder}/**/*.ts`);
  const paths: string[] = [];
  for await (const path of glob(patterns, { cwd: root, exclude: ['**/node_modules/**'] })) paths.push(path);
  return await Promise.all(paths.sort().map(async (path) => parseModule(path, await readFile(join(root, path), 'utf8'))));
}

export function parseModule(path: string, source: string): Module {
  const { program, module, errors } = parseSync(path, source);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const found: [string, ImportKind][] = [];
  for (const { moduleRequest, entries } of module.staticImports) {
    const isType = entries.length > 0 && entries.every((entry) => entry.isType);
    found.push([moduleRequest.value, isType ? 'type' : 'value']);
  }
  for (const { moduleRequest, isType } of module.staticExports.flatMap((statement) => statement.entries)) {
    if (moduleRequest !== null) found.push([moduleRequest.value, isType ? 'type' : 'value']);
  }
  found.push(...nestedImports(path, program));
  const imports = found.map(([specifier, kind]) => ({ specifier, kind, target: resolve(path, specifier) }));
  return { path, source, program, imports };
}

function nestedImports(path: string, program: Program): [string, ImportKind][] {
  const found: [string, ImportKind][] = [];
  new Visitor({
    ImportExpression({ source }) {
      // What is computed cannot be checked, so it is not allowed.
      if (source.type !== 'Literal' || typeof source.value !== 'string')
        throw new Error(`${path}: import() of something that is not a plain string`);
      found.push([source.value, 'dynamic']);
    },
    TSImportType({ source }) {
      found.push([source.value, 'type']);
    },
  }).visit(program);
  return found;
}

function resolve(from: string, specifier: string): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : null;
}

/** Lines count from 1. */
export function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}
