import { loginConnections, loginsInOrder, loginSlots, type LoginLevel } from '../../../engine/index.ts';
import type { LoginFields, Placement } from '../config.ts';
import { baseName, namesOf } from '../names.ts';

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

const fieldsOf = (as: LoginLevel): LoginFields => ({ as });

/** The logins of an app. The first is the one that `DATABASE_URL` is for. */
export function loginsOf(app: string, placement: Placement): readonly [AppLogin, ...AppLogin[]] {
  return loginsInOrder(placement.logins, 'owner', fieldsOf, (said) => {
    const { name, fields, usual } = said;
    const { logins } = usual ? namesOf(app, placement) : namesOf(app, { names: { login: `${baseName(app)}_${baseName(name)}` } });
    return {
      name,
      as: fields.as,
      slots: loginSlots(fields, logins),
      connections: loginConnections(said, placement.connections),
      hosts: fields.hosts ?? placement.hosts,
      statementTimeout: fields.statementTimeout ?? placement.statementTimeout,
    };
  });
}
