import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Whose drill it is, and what only who knows the app's password can make. */
export interface DrillOf {
  readonly project: string;
  readonly instance: string;
  readonly app: string;
  readonly password: string;
}

const NONCE = 16;

/** A name for what a drill makes. Anybody can read it, but only who knows the app's password can make another one. */
export function drillName(prefix: string, of: DrillOf): string {
  return named(prefix, of, randomBytes(NONCE / 2).toString('hex'));
}

function named(prefix: string, { project, instance, app, password }: DrillOf, nonce: string): string {
  const proof = createHmac('sha256', password)
    .update(JSON.stringify(['drill', project, instance, app, nonce]))
    .digest('hex')
    .slice(0, 32);
  return `${prefix}${nonce}${proof}`;
}

/** True where `drillName` has made it for the same app. */
export function isDrillName(prefix: string, of: DrillOf, name: string): boolean {
  const right = Buffer.from(named(prefix, of, name.slice(prefix.length, prefix.length + NONCE)));
  const there = Buffer.from(name);
  return of.password !== '' && there.length === right.length && timingSafeEqual(there, right);
}
