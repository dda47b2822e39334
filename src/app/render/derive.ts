import { isAbsolute, join, relative } from 'node:path';
import { stringify } from 'yaml';
import { fail } from '../../model/index.ts';
import { lookUp, putIn } from '../../util/record.ts';
import { type Plain, plain } from '../edit-manifest.ts';

/** A server of the set, as its manifest is to name it. */
export interface Readdressed {
  readonly instance: string;
  readonly url: string;
  /** Relative to the manifest of the set. */
  readonly password: string;
  /** Fields that do not go with that address. */
  readonly without: readonly string[];
  /** Fields that do. */
  readonly fields: Plain;
  /** Logins that come with the server. */
  readonly operators: Plain;
}

export interface Derived {
  readonly text: string;
  /** Files that it reads, relative to the folder of the first manifest, or absolute. */
  readonly reads: readonly string[];
  /** Variables of the environment that it reads. */
  readonly variables: readonly string[];
}

interface Deriving {
  readonly source: Plain;
  readonly servers: readonly Readdressed[];
  /** From the folder of the set to that of the manifest. */
  readonly back: string;
  /** Only this app; left out: all. */
  readonly app?: string;
}

/** The manifest of the set: the same apps, on the servers of the set. */
export function derive({ source, servers, back, app }: Deriving): Derived {
  const reads: string[] = [];
  const kept = app === undefined ? source : onlyApp(source, app);
  const operators = Object.fromEntries(
    [kept['operators'], ...servers.map((server) => server.operators)].flatMap((all) => Object.entries(plain(all))),
  );
  const file = {
    ...kept,
    instances: withServers(plain(kept['instances']), servers),
    ...(Object.keys(operators).length === 0 ? {} : { operators }),
  };
  const moved: unknown = movePaths(file, [], (path, counts) => {
    const ours = counts && servers.some(({ password }) => password === path);
    if (ours || isAbsolute(path)) {
      if (counts && !ours) reads.push(path);
      return path;
    }
    if (counts) reads.push(path);
    return join(back, path);
  });
  const text = stringify(moved, { lineWidth: 0 });
  return { text, reads: [...new Set(reads)].sort(), variables: variablesOf(moved) };
}

function withServers(instances: Plain, servers: readonly Readdressed[]): Plain {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(instances)) {
    const server = servers.find(({ instance }) => instance === name);
    const fields = Object.entries(plain(value)).filter(([field]) => server?.without.includes(field) !== true);
    putIn(out, name, server === undefined ? value : { ...Object.fromEntries(fields), ...addressOf(server) });
  }
  return out;
}

/** The network between a server and cotenant is one that only they are in, and leads nowhere: what TLS is for is not there. */
function addressOf({ url, password, fields }: Readdressed): Plain {
  return { url, password: { file: password }, tls: { mode: 'disable' }, ...fields };
}

/** Throws CT4704 where the app cannot be taken out of its company. */
function onlyApp(source: Plain, app: string): Plain {
  const { apps, teams: _, readers, shares, ...rest } = source;
  const entry = Object.hasOwn(plain(apps), app) ? plain(lookUp(plain(apps), app)) : null;
  const why =
    entry === null || entry['for'] !== undefined
      ? `"${app}" is one of several apps that \`for\` makes`
      : Object.keys(plain(readers)).length > 0
        ? 'the manifest has readers, which see several apps'
        : Array.isArray(shares) && shares.length > 0
          ? 'the manifest has shares, from one app to another'
          : null;
  if (why !== null || entry === null)
    throw fail('CT4704', `The apps cannot have servers of their own each: ${why ?? ''}.`, { hint: 'use --strategy hybrid or single' });
  const { after: __, ...own } = entry;
  const used = Object.keys(plain(own['uses']));
  const instances = Object.fromEntries(Object.entries(plain(rest['instances'])).filter(([name]) => used.includes(name)));
  return { ...rest, instances, apps: { [app]: own } };
}

/** True for the place of a path that nobody reads while servers are changed. */
const isFolder = (at: readonly string[]): boolean => at.at(-1) === 'directory' && at.at(-2) === 'migrations';
/** `{ file }` and the dotenv file beside `{ env }`, wherever a secret or a certificate may stand. */
const isFile = (at: readonly string[]): boolean =>
  (at.at(-1) === 'file' || at.at(-1) === 'dotenv') && (at[0] === 'instances' || at[0] === 'backup');

function movePaths(value: unknown, at: readonly string[], move: (path: string, counts: boolean) => string): unknown {
  if (typeof value === 'string') {
    if (isFile(at)) return move(value, true);
    if (isFolder(at)) return move(value, false);
    // A repository behind a colon is elsewhere, and `${…}` says so itself.
    const isRepository = at.length === 2 && at[0] === 'backup' && at[1] === 'repository' && !/[:$]/.test(value);
    return isRepository ? move(value, false) : value;
  }
  if (Array.isArray(value)) return value.map((one: unknown, index) => movePaths(one, [...at, String(index)], move));
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) putIn(out, key, movePaths(one, [...at, key], move));
  return out;
}

/** Names in `${NAME}` and `{ env: NAME }`. */
function variablesOf(value: unknown): readonly string[] {
  const found = new Set<string>();
  const look = (one: unknown, key: string): void => {
    if (typeof one === 'string') {
      for (const [, name = ''] of one.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)/g)) found.add(name);
      if (key === 'env' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(one)) found.add(one);
      return;
    }
    if (typeof one === 'object' && one !== null) for (const [name, below] of Object.entries(one)) look(below, name);
  };
  look(value, '');
  return [...found].sort();
}

/** The path from one folder to another as it stands in files: `.` where they are one. */
export function pathBetween(from: string, to: string): string {
  const path = relative(from, to).split('\\').join('/');
  return path === '' ? '.' : path;
}
