import { parseArgs } from 'node:util';

export interface Flags {
  /** Names of the parts; []: all but the slow ones that are asked for by name. */
  readonly parts: readonly string[];
  readonly runs: number;
  readonly databases: number;
  readonly tables: number;
  /** Databases of the large server: linear. */
  readonly many: number;
  readonly schemas: number;
  readonly apps: number;
  /** verify: apps at each level; half, a quarter and twice as many are measured too. */
  readonly tenants: number;
  readonly manifests: number;
  /** memory: also after an apply. */
  readonly applied: boolean;
  readonly seed: number;
  readonly jobs: number;
  readonly strict: boolean;
  readonly write: boolean;
  /** Compiled main.js to measure, instead of the one in dist/. */
  readonly cli: string | null;
}

export const usage = `npm run bench -- [part...] [flags]

  --runs N        runs of each command, in turn            (5)
  --databases N   noop, first-apply: databases             (100)
  --tables N      tables in each database                  (20)
  --many N        linear: databases at the end             (1000)
  --schemas N     first-apply: schemas in one database     (1000)
  --apps N        memory: apps at level schema             (10000)
  --tenants N     verify: apps at each level               (100)
  --applied       memory: also after an apply, which takes minutes
  --manifests N   fuzz: manifests                          (1000000)
  --seed N        fuzz: where the sequence begins          (1)
  --jobs N        fuzz: processes                          (1)
  --write         put the tables into docs/benchmarks.md
  --strict        exit code 1 where a target is missed
  --cli FILE      a compiled main.js instead of dist/cli/main.js

LDAP2PG names the program of ldap2pg, to measure it beside.`;

const number = { type: 'string' } as const;
const yes = { type: 'boolean', default: false } as const;

export function parseFlags(argv: readonly string[]): Flags | null {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      runs: number,
      databases: number,
      tables: number,
      many: number,
      schemas: number,
      apps: number,
      tenants: number,
      manifests: number,
      seed: number,
      jobs: number,
      strict: yes,
      write: yes,
      applied: yes,
      help: yes,
      cli: { type: 'string' },
    },
  });
  if (values.help) return null;
  return {
    parts: positionals,
    runs: whole('runs', values.runs, 5),
    databases: whole('databases', values.databases, 100),
    tables: whole('tables', values.tables, 20),
    many: whole('many', values.many, 1000),
    schemas: whole('schemas', values.schemas, 1000),
    apps: whole('apps', values.apps, 10_000),
    tenants: whole('tenants', values.tenants, 100),
    manifests: whole('manifests', values.manifests, 1_000_000),
    seed: whole('seed', values.seed, 1),
    jobs: whole('jobs', values.jobs, 1),
    applied: values.applied,
    strict: values.strict,
    write: values.write,
    cli: values.cli ?? null,
  };
}

function whole(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1 on, not ${text}`);
  return value;
}
