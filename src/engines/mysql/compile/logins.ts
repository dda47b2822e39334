import { loginConnections, loginsInOrder, loginSlots, type LoginLevel } from '../../../engine/index.ts';
import { type LoginFields, type Placement, USUAL_CONNECTIONS } from '../config.ts';
import { baseName, namesOf } from '../names.ts';
import type { Limit } from '../spec.ts';

/** One login of an app. */
export interface AppLogin {
  /** As the manifest calls it. */
  readonly name: string;
  readonly as: LoginLevel;
  /** The live login, and the one that waits for the next rotation. */
  readonly slots: readonly [string, string];
  readonly connections: number;
  /** Limits that the manifest does not give. */
  readonly usual: readonly Limit[];
  readonly hosts: readonly string[] | undefined;
  readonly statementTimeout: string | undefined;
}

/** No entry gives these. */
const BY_THE_HOUR: readonly Limit[] = ['maxConnectionsPerHour', 'maxQueriesPerHour', 'maxUpdatesPerHour'];

const fieldsOf = (as: LoginLevel): LoginFields => ({ as });

/** The logins of an app. The first is the one that `DATABASE_URL` is for. */
export function loginsOf(app: string, placement: Placement): readonly [AppLogin, ...AppLogin[]] {
  return loginsInOrder(placement.logins, 'owner', fieldsOf, (said) => {
    const { name, fields, usual } = said;
    const { logins } = usual ? namesOf(app, placement) : namesOf(app, { names: { login: `${baseName(app)}_${baseName(name)}` } });
    const statementTimeout = fields.statementTimeout ?? placement.statementTimeout;
    return {
      name,
      as: fields.as,
      slots: loginSlots(fields, logins),
      connections: loginConnections(said, placement.connections ?? USUAL_CONNECTIONS),
      usual: [
        ...((fields.connections ?? placement.connections) === undefined ? (['maxUserConnections'] as const) : []),
        ...(statementTimeout === undefined ? (['maxStatementTime'] as const) : []),
        ...BY_THE_HOUR,
      ],
      hosts: fields.hosts ?? placement.hosts,
      statementTimeout,
    };
  });
}
