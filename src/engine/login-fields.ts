import { z } from 'zod';

/** `owner`: all that the app may do. `rw`: the data. `read`: looks only. What that is on a server, the engine says. */
export const loginLevel = z.enum(['owner', 'rw', 'read']);

/** Several logins of an app by name: a level, or `fields` where there is more to say. */
export const loginsWith = <Fields extends z.ZodType>(fields: Fields) =>
  z
    .record(
      z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, 'the name of a login: a letter, then letters, digits, - and _'),
      z.union([loginLevel, fields]),
    )
    .refine((all) => Object.keys(all).length > 0, 'at least one login');

export type LoginLevel = z.infer<typeof loginLevel>;

/** The login that an app has where its placement names none. */
const USUAL = 'app';

/** Sessions of a login beside the one that serves the app: a migrator, a report. */
const FEW = 5;

/** A login as the manifest says it. */
export interface SaidLogin<Fields> {
  readonly name: string;
  readonly fields: Fields;
  /** It serves the app. */
  readonly main: boolean;
  /** It has the names that an app's only login has. */
  readonly usual: boolean;
}

/** The logins of a placement, the one that serves the app first: the one called `app`, else the first of the manifest. `only`: what it may where it is the only one. `fieldsOf`: a login of which just the level is said. */
export function loginsInOrder<Fields extends { readonly as: LoginLevel }, Login>(
  logins: Readonly<Record<string, LoginLevel | Fields>> | undefined,
  only: LoginLevel,
  fieldsOf: (as: LoginLevel) => Fields,
  make: (said: SaidLogin<Fields>) => Login,
): readonly [Login, ...Login[]] {
  const [first = [USUAL, only] as const, ...rest] = Object.entries(logins ?? {}).sort(
    ([a], [b]) => Number(b === USUAL) - Number(a === USUAL),
  );
  const made = ([name, said]: readonly [string, LoginLevel | Fields], main: boolean): Login => {
    const fields = typeof said === 'string' ? fieldsOf(said) : said;
    return make({ name, fields, main, usual: name === USUAL });
  };
  return [made(first, true), ...rest.map((one) => made(one, false))];
}

/** The live login, and the one that waits for the next rotation. */
export function loginSlots(
  { login, standbyLogin }: { readonly login?: string | undefined; readonly standbyLogin?: string | undefined },
  usual: readonly [string, string],
): readonly [string, string] {
  return [login ?? usual[0], standbyLogin ?? (login === undefined ? usual[1] : `${login}_2`)];
}

/** What a login may open at a time. `placement`: what the manifest gives the one that serves the app. */
export function loginConnections(
  { main, fields: { as, connections } }: SaidLogin<{ readonly as: LoginLevel; readonly connections?: number | undefined }>,
  placement: number,
): number {
  return connections ?? (main || as === 'rw' ? placement : FEW);
}
