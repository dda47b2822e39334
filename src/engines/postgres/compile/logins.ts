import { loginConnections, loginsInOrder, loginSlots, type LoginLevel } from '../../../engine/index.ts';
import { type LoginFields, type Placement, USUAL } from '../config.ts';
import { LIMITING } from '../kinds/limits.ts';
import { baseName, roleNames } from '../names.ts';

/** One login of an app. */
export interface AppLogin {
  /** As the manifest calls it. */
  readonly name: string;
  readonly as: LoginLevel;
  /** The live login, and the one that waits for the next rotation. */
  readonly slots: readonly [string, string];
  readonly connections: number;
  readonly validUntil: string | null;
  /** Limits that the manifest does not give, as the server calls them. */
  readonly usual: readonly string[];
  /** The placement with what the login says for itself: its limits and settings. */
  readonly placement: Placement;
}

const fieldsOf = (as: LoginLevel): LoginFields => ({ as });

/** The logins of an app. The first is the one that `DATABASE_URL` is for. */
export function loginsOf(app: string, placement: Placement): readonly [AppLogin, ...AppLogin[]] {
  const base = baseName(app);
  return loginsInOrder(placement.logins, placement.isolation === 'rows' ? 'rw' : 'owner', fieldsOf, (said) => {
    const { name, fields, usual } = said;
    const { logins } = usual ? roleNames(base, placement.names) : roleNames(base, { login: `${base}_${baseName(name)}` });
    const { as, login: _login, standbyLogin: _standby, connections, validUntil, ...own } = fields;
    const idleInTransactionTimeout = own.idleInTransactionTimeout ?? placement.idleInTransactionTimeout;
    const tempFileLimit = own.tempFileLimit ?? placement.tempFileLimit;
    const settings = { ...placement.settings, ...own.settings };
    const given = new Set([
      ...Object.keys(settings).map((name) => name.toLowerCase()),
      ...((own.statementTimeout ?? placement.statementTimeout) === undefined ? [] : ['statement_timeout']),
      ...((own.lockTimeout ?? placement.lockTimeout) === undefined ? [] : ['lock_timeout']),
      ...(idleInTransactionTimeout === undefined ? [] : ['idle_in_transaction_session_timeout']),
      ...(tempFileLimit === undefined && placement.relax.unlimitedTempFiles !== true ? [] : ['temp_file_limit']),
    ]);
    return {
      name,
      as,
      slots: loginSlots(fields, logins),
      connections: loginConnections(said, placement.connections ?? USUAL.connections),
      validUntil: validUntil === undefined ? null : new Date(validUntil).toISOString(),
      usual: [
        ...((connections ?? placement.connections) === undefined ? ['connectionLimit'] : []),
        ...LIMITING.filter((name) => !given.has(name)),
      ],
      placement: {
        ...placement,
        ...own,
        idleInTransactionTimeout: idleInTransactionTimeout ?? USUAL.idleInTransactionTimeout,
        tempFileLimit: tempFileLimit ?? USUAL.tempFileLimit,
        settings,
      },
    };
  });
}

/** Every slot of every login. */
export function slotsOf(app: string, placement: Placement): readonly string[] {
  return loginsOf(app, placement).flatMap(({ slots }) => slots);
}

/** What all logins of an app may open together. `kept`: limits that some have on the server, and keep. */
export function connectionsOf(app: string, placement: Placement, kept?: ReadonlyMap<string, number>): number {
  return loginsOf(app, placement).reduce((sum, { slots, connections }) => sum + (kept?.get(slots[0]) ?? connections), 0);
}

/** True where a login works on the data without being the owner: what is for the app is then for that group, the owner included. */
export function hasWriters(app: string, placement: Placement): boolean {
  return placement.isolation !== 'rows' && loginsOf(app, placement).some(({ as }) => as === 'rw');
}
