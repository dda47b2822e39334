import { Visitor } from 'oxc-parser';
import { type Finding, engineOf, isTestCode } from './direction.ts';
import { lineOf, type Module } from './modules.ts';

/** Packages that talk to a server. */
const drivers =
  /^(pg|pg-(native|pool|cursor|query-stream|copy-streams)|postgres|mysql2?|mariadb|redis|@redis\/.*|ioredis|iovalkey|@valkey\/.*|neo4j-driver(-.*)?|@qdrant\/.*)(\/.*)?$/;

/** Modules besides an engine's `session.ts` that import a driver, each with its reason. */
const driverModules: Readonly<Record<string, string>> = {
  'src/engines/postgres/connect/connection.ts': 'opens the connections of session.ts',
  'src/engines/postgres/connect/admitted.ts': 'asks whether a login would be admitted over TLS, and gives up before its password',
  'src/engines/postgres/local/client.ts': 'asks a server that the runtime starts whether it serves, before there is an instance to open',
  'src/engines/mysql/connect/connection.ts': 'opens the connections of session.ts, and those of verify with a login of an app',
  'src/engines/redis/connect/client.ts':
    'makes the connections of session.ts, of attackers, and of the runtime, each without what the driver does by itself',
  'src/engines/neo4j/connect/client.ts':
    'makes the connections of session.ts, of attackers, and of the runtime, without what the driver tries again',
  'src/engines/postgres/verify/tenant-session.ts':
    'logs in as a tenant to attack: it must have none of what protects the operator’s sessions',
};

/** Drivers imported anywhere but in an engine's `session.ts`. */
export function strayDrivers(modules: readonly Module[]): Finding[] {
  return modules
    .filter(({ path }) => !isTestCode(path) && !isSession(path) && !Object.hasOwn(driverModules, path))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier }) => drivers.test(specifier))
        .map(({ specifier }) => ({ path, what: `imports the driver ${specifier}` })),
    );
}

function isSession(path: string): boolean {
  return engineOf(path) !== null && path.split('/').length === 4 && path.endsWith('/session.ts');
}

/** Exceptions that excuse nothing any more. */
export function idleDriverModules(modules: readonly Module[]): string[] {
  const used = modules.filter(({ imports }) => imports.some(({ specifier }) => drivers.test(specifier))).map(({ path }) => path);
  return Object.keys(driverModules).filter((path) => !used.includes(path));
}

const shellOnly = new Set(['exit', 'exitCode', 'abort', 'reallyExit', 'stdout', 'stderr', 'stdin', 'argv']);

/** Use of the process's streams, arguments or end, and printing, outside of src/cli/. */
export function strayShell(modules: readonly Module[]): Finding[] {
  return modules
    .filter(({ path }) => !path.startsWith('src/cli/') && !isTestCode(path))
    .flatMap((module) => [...new Set([...shellMembers(module), ...shellImports(module)])].map((what) => ({ path: module.path, what })));
}

function shellMembers({ program, source }: Module): string[] {
  const found: string[] = [];
  new Visitor({
    MemberExpression({ object, property, start }) {
      if (object.type !== 'Identifier') return;
      const name = property.type === 'Identifier' ? property.name : property.type === 'Literal' ? String(property.value) : '';
      if (object.name === 'console' || (object.name === 'process' && shellOnly.has(name))) {
        found.push(`line ${lineOf(source, start)}: ${object.name}.${name}`);
      }
    },
  }).visit(program);
  return found;
}

function shellImports({ program, source }: Module): string[] {
  const found: string[] = [];
  new Visitor({
    ImportDeclaration({ source: from, specifiers, start }) {
      if (from.value !== 'node:process' && from.value !== 'process') return;
      for (const specifier of specifiers) {
        if (specifier.type === 'ImportDefaultSpecifier' && specifier.local.name === 'process') continue;
        const name = specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier' ? specifier.imported.name : '*';
        if (name === '*' || shellOnly.has(name)) found.push(`line ${lineOf(source, start)}: import of ${name} from ${from.value}`);
      }
    },
  }).visit(program);
  return found;
}
