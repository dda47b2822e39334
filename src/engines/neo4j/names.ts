/** Everything of cotenant's own in a server: the users that bear marks, names of sessions. */
export const RESERVED = 'cotenant';

/** The user that every new server has. */
export const FIRST_USER = 'neo4j';

/** A name is longer than this by mistake only. */
const NAME_LIMIT = 128;

export interface NameTrouble {
  readonly code: 'CT2002' | 'CT2003';
  readonly why: string;
}

/** Why a user cannot be called that; null: it can. The server takes printable ASCII without `,` and `:`. */
export function userTrouble(name: string): NameTrouble | null {
  if (name.length > NAME_LIMIT)
    return { code: 'CT2002', why: `user "${name}" has ${name.length} characters; cotenant takes ${NAME_LIMIT} at most` };
  if (!/^[\x21-\x7e]+$/.test(name) || /[,:]/.test(name))
    return { code: 'CT2003', why: `user "${name}": the server takes printable ASCII letters only, without white space, "," and ":"` };
  if (name === FIRST_USER || name === RESERVED || name.startsWith(`${RESERVED}@`))
    return {
      code: 'CT2003',
      why: `the user "${name}" is ${name === FIRST_USER ? 'the server’s own first administrator' : 'cotenant’s own'}`,
    };
  return null;
}

/** Name of the password in the secret store. */
export function secretName(instance: string, user: string): string {
  return `${instance}/${user}`;
}
