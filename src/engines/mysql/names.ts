/** Databases hold 64 characters. */
const DATABASE_LIMIT = 64;
/** Accounts hold 32 characters on MySQL; MariaDB holds more, which `judge` allows for. */
export const ACCOUNT_LIMIT = 32;
const LONGEST_ACCOUNT = 80;

/** The database in which cotenant keeps what the server itself has no place for. */
export const LEDGER = 'cotenant';

/** Databases that every server may have and that no app lives in. */
export const SERVER_DATABASES: readonly string[] = ['mysql', 'information_schema', 'performance_schema', 'sys'];

/** The name of an app as it stands in names on the server. */
export function baseName(app: string): string {
  return app.replaceAll('-', '_');
}

export interface AppNames {
  readonly database: string;
  /** Two login slots: one is live, the other waits for the next rotation. */
  readonly logins: readonly [string, string];
}

export interface NameOverrides {
  readonly database?: string | undefined;
  readonly names?: { readonly login?: string | undefined; readonly standbyLogin?: string | undefined };
}

export function namesOf(app: string, { database, names = {} }: NameOverrides = {}): AppNames {
  const base = baseName(app);
  const login = names.login ?? `${base}_user`;
  return { database: database ?? base, logins: [login, names.standbyLogin ?? `${login}_2`] };
}

export type Trouble = { readonly code: 'CT2002' | 'CT2003'; readonly why: string } | null;

/** Why the server or cotenant cannot use this name, or null. */
export function nameTrouble(what: 'database' | 'account', name: string): Trouble {
  const length = name.length;
  const limit = what === 'database' ? DATABASE_LIMIT : LONGEST_ACCOUNT;
  if (length > limit) return { code: 'CT2002', why: `"${name}" has ${length} characters; the server holds ${limit}` };
  const reserved = (why: string): Trouble => ({ code: 'CT2003', why });
  if (name === '') return reserved('a name cannot be empty');
  if (/[\u0000-\u001f\u007f]/.test(name)) return reserved('a name cannot hold control characters');
  if (/[\u{10000}-\u{10ffff}]/u.test(name)) return reserved(`"${name}": names hold characters of at most three bytes`);
  if (/\s$/.test(name)) return reserved(`"${name}": a name cannot end with a space`);
  if (what === 'database' && /^#mysql50#/i.test(name)) return reserved(`"${name}": names that begin with #mysql50# belong to the server`);
  if (RESERVED[what].has(name.toLowerCase())) return reserved(`"${name}" is reserved`);
  if (what === 'account' && /^(mysql|mariadb)\./i.test(name)) return reserved(`"${name}" belongs to the server`);
  return null;
}

const RESERVED = {
  database: new Set([...SERVER_DATABASES, LEDGER, 'test']),
  account: new Set(['root', 'public', 'none', 'admin', LEDGER]),
} as const;
