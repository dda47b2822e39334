import type { LoginFields, Placement } from '../config.ts';
import { baseName, roleNames } from '../names.ts';

export type LoginLevel = LoginFields['as'];

/** One login of an app. */
export interface AppLogin {
  /** As the manifest calls it. */
  readonly name: string;
  readonly as: LoginLevel;
  /** The live login, and the one that waits for the next rotation. */
  readonly slots: readonly [string, string];
  readonly connections: number;
  readonly validUntil: string | null;
  /** The placement with what the login says for itself: its limits and settings. */
  readonly placement: Placement;
}

/** The login that an app has where its placement names none. */
const USUAL = 'app';

/** Sessions of a login beside the one that serves the app: a migrator, a report. */
const FEW = 5;

/** The logins of an app. The first is the one that `DATABASE_URL` is for: the one called `app`, else the first of the manifest. */
export function loginsOf(app: string, placement: Placement): readonly [AppLogin, ...AppLogin[]] {
  const { logins } = placement;
  const [first, ...rest] = Object.entries(logins ?? {}).sort(([a], [b]) => Number(b === USUAL) - Number(a === USUAL));
  if (!first) return [loginOf(app, placement, USUAL, { as: placement.isolation === 'rows' ? 'rw' : 'owner' }, true)];
  const made = (entry: typeof first, main: boolean): AppLogin =>
    loginOf(app, placement, entry[0], typeof entry[1] === 'string' ? { as: entry[1] } : entry[1], main);
  return [made(first, true), ...rest.map((entry) => made(entry, false))];
}

function loginOf(app: string, placement: Placement, name: string, fields: LoginFields, main: boolean): AppLogin {
  const base = baseName(app);
  const { logins } = name === USUAL ? roleNames(base, placement.names) : roleNames(base, { login: `${base}_${baseName(name)}` });
  const live = fields.login ?? logins[0];
  const standby = fields.standbyLogin ?? (fields.login === undefined ? logins[1] : `${live}_2`);
  const { as, login: _login, standbyLogin: _standby, connections, validUntil, ...own } = fields;
  return {
    name,
    as,
    slots: [live, standby],
    connections: connections ?? (main || as === 'rw' ? placement.connections : FEW),
    validUntil: validUntil === undefined ? null : new Date(validUntil).toISOString(),
    placement: {
      ...placement,
      ...own,
      idleInTransactionTimeout: own.idleInTransactionTimeout ?? placement.idleInTransactionTimeout,
      tempFileLimit: own.tempFileLimit ?? placement.tempFileLimit,
      settings: { ...placement.settings, ...own.settings },
    },
  };
}

/** Every slot of every login. */
export function slotsOf(app: string, placement: Placement): readonly string[] {
  return loginsOf(app, placement).flatMap(({ slots }) => slots);
}

/** What all logins of an app may open together. */
export function connectionsOf(app: string, placement: Placement): number {
  return loginsOf(app, placement).reduce((sum, { connections }) => sum + connections, 0);
}

/** True where a login works on the data without being the owner: what is for the app is then for that group, the owner included. */
export function hasWriters(app: string, placement: Placement): boolean {
  return placement.isolation !== 'rows' && loginsOf(app, placement).some(({ as }) => as === 'rw');
}
