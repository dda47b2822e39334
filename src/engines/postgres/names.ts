import { sha256 } from '../../util/canonical.ts';

/** NAMEDATALEN - 1, in bytes. Longer names are cut by the server without a word, so they are refused here. */
const NAME_LIMIT = 63;

/** The name of an app as it stands in PostgreSQL names. The reverse is in the mark on every object. */
export function baseName(app: string): string {
  return app.replaceAll('-', '_');
}

export interface AppNames {
  readonly database: string;
  readonly schema: string;
  readonly owner: string;
  readonly readWrite: string;
  readonly readOnly: string;
  /** Two login slots: one is live, the other waits for the next rotation. */
  readonly logins: readonly [string, string];
}

export type NameOverrides = { readonly [K in 'owner' | 'readWrite' | 'readOnly' | 'login' | 'standbyLogin']?: string | undefined };

export function roleNames(base: string, overrides: NameOverrides = {}): Omit<AppNames, 'database' | 'schema'> {
  const login = overrides.login ?? `${base}_user`;
  return {
    owner: overrides.owner ?? `${base}_owner`,
    readWrite: overrides.readWrite ?? `${base}_rw`,
    readOnly: overrides.readOnly ?? `${base}_ro`,
    logins: [login, overrides.standbyLogin ?? `${login}_2`],
  };
}

/** What the roles of an app are called where nothing else is said. */
export function usualRoles(app: string): readonly string[] {
  const { owner, readWrite, readOnly, logins } = roleNames(baseName(app));
  return [owner, readWrite, readOnly, ...logins];
}

export function usualLogins(app: string): readonly string[] {
  return roleNames(baseName(app)).logins;
}

/** Why PostgreSQL or cotenant cannot use this name, or null. */
export function nameTrouble(name: string): { code: 'CT2002' | 'CT2003'; why: string } | null {
  const bytes = Buffer.byteLength(name);
  if (bytes > NAME_LIMIT) return { code: 'CT2002', why: `"${name}" has ${bytes} bytes; a name holds ${NAME_LIMIT}` };
  if (name === '') return { code: 'CT2003', why: 'a name cannot be empty' };
  if (/[\u0000-\u001f\u007f]/.test(name)) return { code: 'CT2003', why: 'a name cannot hold control characters' };
  if (/^pg_/i.test(name)) return { code: 'CT2003', why: `"${name}": names that begin with pg_ belong to the server` };
  if (RESERVED.has(name.toLowerCase())) return { code: 'CT2003', why: `"${name}" is reserved` };
  return null;
}

/** Why no role can be called that, made by whomever, or null. */
export function existingTrouble(name: string): ReturnType<typeof nameTrouble> {
  if (name === '' || Buffer.byteLength(name) > NAME_LIMIT || name.startsWith('pg_')) return nameTrouble(name);
  return name === 'public' || name === 'none' ? { code: 'CT2003', why: `"${name}" is reserved` } : null;
}

const RESERVED = new Set([
  'postgres',
  'template0',
  'template1',
  'public',
  'none',
  'information_schema',
  'cotenant',
  'session_user',
  'current_user',
  'current_role',
]);

/** The name of a retired object: cut to fit, kept unique by a hash where it was cut. `nth`: of those that had the name that day. */
export function retiredName(name: string, day: string, nth = 1): string {
  return cutName(name, `__gone_${day.replaceAll('-', '')}${nth > 1 ? `_${nth}` : ''}`);
}

/** As much of the name as fits in front of the suffix, kept apart from others by a hash where it was cut. */
export function cutName(name: string, suffix = ''): string {
  if (Buffer.byteLength(name) + suffix.length <= NAME_LIMIT) return name + suffix;
  const hash = sha256(name).slice(0, 8);
  let head = name;
  while (Buffer.byteLength(head) + suffix.length + 9 > NAME_LIMIT) head = [...head].slice(0, -1).join('');
  return `${head}_${hash}${suffix}`;
}
