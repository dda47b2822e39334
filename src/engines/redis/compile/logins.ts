import { type LoginLevel, loginsInOrder } from '../../../engine/index.ts';
import type { Access } from '../commands.ts';
import type { LoginFields, Placement } from '../config.ts';
import { RELAXATION_NAMES, type RelaxationName } from './relaxations.ts';

/** One login of an app. */
export interface AppLogin {
  /** As the manifest calls it. */
  readonly name: string;
  readonly as: LoginLevel;
  readonly user: string;
  readonly relax: readonly RelaxationName[];
}

interface Placed {
  readonly app: string;
  readonly placement: Placement;
}

const fieldsOf = (as: LoginLevel): LoginFields => ({ as });

/** The logins of an app. The first is the one that `REDIS_URL` is for. */
export function loginsOf({ app, placement }: Placed): readonly [AppLogin, ...AppLogin[]] {
  return loginsInOrder(placement.logins, 'owner', fieldsOf, ({ name, fields, usual }) => {
    const relax = fields.relax ?? (fields.as === 'read' ? {} : placement.relax);
    return {
      name,
      as: fields.as,
      user: fields.user ?? (usual ? (placement.user ?? app) : `${app}_${name}`),
      // What has the server to itself has nothing to relax.
      relax: placement.isolation === 'instance' ? [] : RELAXATION_NAMES.filter((one) => relax[one] === true).sort(),
    };
  });
}

/** What a login has of its app's place: on keys `owner` and `rw` are the same. */
export function accessOf({ as }: AppLogin, { isolation }: Placement): Access {
  if (as !== 'read') return isolation;
  return isolation === 'prefix' ? 'reader' : `${isolation}-reader`;
}
