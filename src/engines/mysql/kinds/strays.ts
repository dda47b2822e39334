import { sql } from '../../../engine/index.ts';
import { strayDeletes } from '../retire/strays.ts';
import { shown } from '../grants.ts';
import type { StraysSpec } from '../spec.ts';
import { grantField } from './grant-fields.ts';
import type { Kind } from './kind.ts';

/** Rows of the server's tables of grants that name a login of an app from a host for which it has no account. */
export const strays: Kind<StraysSpec> = {
  diff: (_desired, { rows }, facts) =>
    rows.flatMap(({ user, host, grants }) =>
      Object.entries(grants).map(([key, list]) => grantField(`${user}@${host} on ${shown(key)}`, key, list, undefined, facts)),
    ),
  statements: (_name, from) => ({
    grants: [],
    revokes: (from?.rows ?? []).flatMap(({ user, host }) => strayDeletes(user, host)).map((text) => sql(text)),
  }),
};
