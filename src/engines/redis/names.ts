/** Everything of cotenant's own in a server: keys, marks, client names. No app can have it as a prefix. */
export const RESERVED = 'cotenant';

export const DEFAULT_USER = 'default';

/** A name is kept in memory once for each connection and written to the access list; what is longer than this is a mistake. */
const NAME_LIMIT = 256;

/** Why a user cannot be called that; null: it can. */
export function userTrouble(name: string): NameTrouble | null {
  return nameTrouble(name, 'user') ?? (name === DEFAULT_USER ? { code: 'CT2003', why: `the user "${name}" belongs to the server` } : null);
}

/** What channels of the server itself begin with, and keys and names of cotenant's own. */
const SERVERS_OWN = ['__keyspace@', '__keyevent@', '__redis__:', '__sentinel__:', `${RESERVED}:`];

/** Why keys cannot begin like that; null: they can. `separator`: what stands after it. */
export function prefixTrouble(prefix: string, separator = ''): NameTrouble | null {
  const trouble = nameTrouble(prefix, 'prefix');
  if (trouble) return trouble;
  if (prefix.startsWith('%'))
    return { code: 'CT2003', why: `prefix "${prefix}" begins with %, which says in the access list what a pattern is for` };
  const whole = prefix + separator;
  const own = SERVERS_OWN.find((one) => one.startsWith(whole) || whole.startsWith(one));
  return own === undefined ? null : { code: 'CT2003', why: `what begins with "${whole}" meets "${own}", which is not an app's to have` };
}

export interface NameTrouble {
  readonly code: 'CT2002' | 'CT2003';
  readonly why: string;
}

function nameTrouble(name: string, what: string): NameTrouble | null {
  const bytes = Buffer.byteLength(name);
  if (bytes > NAME_LIMIT) return { code: 'CT2002', why: `${what} "${name}" has ${bytes} bytes; cotenant takes ${NAME_LIMIT} at most` };
  if (name === '') return { code: 'CT2003', why: `a ${what} cannot be empty` };
  if (/[\s\p{Cc}]/u.test(name)) return { code: 'CT2003', why: `${what} "${name}" holds white space, which the access list cannot` };
  if (/^\(|\)$/.test(name))
    return { code: 'CT2003', why: `${what} "${name}" begins or ends with a parenthesis, which means something else there` };
  if (name === RESERVED || name.startsWith(`${RESERVED}:`))
    return { code: 'CT2003', why: `${what} "${name}": "${RESERVED}:" is cotenant's own` };
  return null;
}

/** The user that stands for a retired one. */
export function retiredUser(user: string, day: string): string {
  return `${user}__gone_${day.replaceAll('-', '')}`;
}

/** Name of the password in the secret store; with `slot` 2 the one that an app changes to. */
export function secretName(instance: string, user: string, slot: 1 | 2 = 1): string {
  return slot === 1 ? `${instance}/${user}` : `${instance}/${user}#2`;
}
