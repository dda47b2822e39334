import { plainName, plainText } from '../../../engine/index.ts';
import { lookUp, putIn } from '../../../util/record.ts';
import type { FoundApp } from './found.ts';
import type { FreshServerNames } from './names.ts';
import type { LoginPart } from './placement.ts';
import { baseName } from '../names.ts';

/** What each login is called in the manifest: `app` for the one that serves the app, else what its own name says beside that of the app. */
export function loginNames(base: string, found: FoundApp): readonly string[] {
  const [main, ...others] = found.logins;
  const taken = new Set(['app', 'user', 'owner', 'rw', 'ro']);
  const owners = others.filter(({ as }) => as === 'owner');
  return [
    ...(main ? ['app'] : []),
    ...others.map(({ row, as }) => {
      const short = plainName(row[0].startsWith(`${base}_`) ? row[0].slice(base.length + 1) : row[0]);
      const wish = as === 'owner' && owners.length === 1 ? 'migrator' : short === '' ? as : short;
      let name = wish;
      for (let at = 2; taken.has(name); at++) name = `${wish}${at}`;
      taken.add(name);
      return name;
    }),
  ];
}

interface Written {
  readonly base: string;
  readonly main: LoginPart;
  readonly others: readonly LoginPart[];
  readonly keys: readonly string[];
  readonly names: FreshServerNames;
}

/** The `logins` of a placement; null: one that acts as the owner, which needs no word. */
export function writeLogins({ base, main, others, keys, names }: Written): Readonly<Record<string, unknown>> | null {
  const end = endOf(main);
  const { login } = main;
  if (login === null || (login.as === 'owner' && end === null && others.length === 0)) return null;
  const out: Record<string, unknown> = { app: end === null ? login.as : { as: login.as, validUntil: end } };
  others.forEach((part, index) => {
    const key = keys[index + 1] ?? '';
    const name = part.login?.row[0] ?? '';
    const usual = `${base}_${baseName(key)}`;
    const standby = names.role(`${name}_2`);
    const until = endOf(part);
    putIn(out, key, {
      as: part.login?.as,
      ...(name === usual ? {} : { login: plainText(name) }),
      ...(standby === `${name}_2` ? {} : { standbyLogin: plainText(standby) }),
      connections: part.connections,
      ...different(part, main),
      ...(until === null ? {} : { validUntil: until }),
    });
  });
  return out;
}

const TIMES = ['statementTimeout', 'lockTimeout', 'idleInTransactionTimeout', 'tempFileLimit'] as const;

/** Limits, settings and search path that are not those of the placement. */
function different(part: LoginPart, main: LoginPart): Readonly<Record<string, unknown>> {
  const out: Record<string, unknown> = {};
  for (const field of TIMES) {
    const own = lookUp(part.fields, field);
    if (own !== undefined && own !== lookUp(main.fields, field)) putIn(out, field, own);
  }
  const theirs = (main.fields['settings'] ?? {}) as Readonly<Record<string, string>>;
  const own = (part.fields['settings'] ?? {}) as Readonly<Record<string, string>>;
  const settings = Object.entries(own).filter(([name, value]) => lookUp(theirs, name) !== value);
  if (settings.length > 0) out['settings'] = Object.fromEntries(settings);
  if (JSON.stringify(pathOf(part)) !== JSON.stringify(pathOf(main))) out['searchPath'] = pathOf(part).map(plainText);
  return out;
}

function pathOf({ schema, searchPath }: LoginPart): readonly string[] {
  return searchPath ?? (schema === 'public' ? ['public'] : [schema, 'public']);
}

/** When the login ends, as a field; null: never, or in a form that no field has, and then it stays as it is. */
function endOf({ login }: LoginPart): string | null {
  const until = login?.row[9] ?? null;
  return until !== null && /^\d{4}-\d{2}-\d{2}T/.test(until) ? until : null;
}
