import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { DerivedForm } from '../../../engine/index.ts';

const derive = promisify(pbkdf2);
const ITERATIONS = 4096;

/**
 * What PostgreSQL stores for a password, computed here so that the password itself never reaches a server log.
 * Format as in the manual's pg_authid page: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (RFC 5803).
 * @param password ASCII, as all generated ones are: SASLprep leaves it as it is.
 */
export async function scramVerifier(password: string, salt: Buffer = randomBytes(16), iterations: number = ITERATIONS): Promise<string> {
  const salted = await derive(password.normalize('NFKC'), salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

const VERIFIER: DerivedForm = { name: 'SCRAM-SHA-256', isOne: () => true, make: (password) => scramVerifier(password) };

/** The password itself is sent for `:password` only: a user mapping wants nothing else. */
export function derivedForm(parameter: string): DerivedForm | null {
  return parameter === 'password' ? null : VERIFIER;
}

/** True where the verifier was made from this password. */
export async function matchesVerifier(password: string, verifier: string): Promise<boolean> {
  const match = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(verifier);
  if (!match?.[1] || !match[2]) return false;
  const again = Buffer.from(await scramVerifier(password, Buffer.from(match[2], 'base64'), Number(match[1])));
  const given = Buffer.from(verifier);
  return again.length === given.length && timingSafeEqual(again, given);
}
