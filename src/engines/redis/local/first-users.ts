import { sha256 } from '../../../util/canonical.ts';

export const ADMIN = 'admin';

/** The access list of a new server: only its admin comes in. */
export function firstUsers(password: string): string {
  return `user ${ADMIN} on #${sha256(password)} ~* &* +@all\nuser default off resetchannels -@all\n`;
}
