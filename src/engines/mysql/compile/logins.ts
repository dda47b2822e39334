import type { LoginFields, Placement } from '../config.ts';
import { baseName, namesOf } from '../names.ts';

export type LoginLevel = LoginFields['as'];

/** One login of an app. */
export interface AppLogin {
  /** As the manifest calls it. */
  readonly name: string;
  readonly as: LoginLevel;
  /** The live login, and the one that waits for the next rotation. */
  readonly slots: readonly [string, string];
  readonly connections: number;
  readonly hosts: readonly string[] | undefined;
  readonly statementTimeout: string | undefined;
}

/** The login that an app has where its placement names none. */
const USUAL = 'app';

/** Sessions of a login beside the one that serves the app: a migrator, a report. */
const FEW = 5;

/** The logins of an app. The first is the one that `DATABASE_URL` is for: the one called `app`, else the first of the manifest. */
export function loginsOf(app: string, placement: Placement): readonly [AppLogin, ...AppLogin[]] {
  const [first, ...rest] = Object.entries(placement.logins ?? {}).sort(([a], [b]) => Number(b === USUAL) - Number(a === USUAL));
  if (!first) return [loginOf(app, placement, USUAL, { as: 'owner' }, true)];
  const made = ([name, said]: typeof first, main: boolean): AppLogin =>
    loginOf(app, placement, name, typeof said === 'string' ? { as: said } : said, main);
  return [made(first, true), ...rest.map((entry) => made(entry, false))];
}

function loginOf(app: string, placement: Placement, name: string, fields: LoginFields, main: boolean): AppLogin {
  const usual =
    name === USUAL ? namesOf(app, placement).logins : namesOf(app, { names: { login: `${baseName(app)}_${baseName(name)}` } }).logins;
  const live = fields.login ?? usual[0];
  const standby = fields.standbyLogin ?? (fields.login === undefined ? usual[1] : `${live}_2`);
  return {
    name,
    as: fields.as,
    slots: [live, standby],
    connections: fields.connections ?? (main || fields.as === 'rw' ? placement.connections : FEW),
    hosts: fields.hosts ?? placement.hosts,
    statementTimeout: fields.statementTimeout ?? placement.statementTimeout,
  };
}
