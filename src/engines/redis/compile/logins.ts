import type { Access } from '../commands.ts';
import type { LoginLevel, Placement } from '../config.ts';
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

/** The login that an app has where its placement names none. */
const USUAL = 'app';

/** The logins of an app. The first is the one that `REDIS_URL` is for: the one called `app`, else the first of the manifest. */
export function loginsOf({ app, placement }: Placed): readonly [AppLogin, ...AppLogin[]] {
  const [first, ...rest] = Object.entries(placement.logins ?? {}).sort(([a], [b]) => Number(b === USUAL) - Number(a === USUAL));
  const made = ([name, said]: NonNullable<typeof first>): AppLogin => {
    const fields = typeof said === 'string' ? { as: said } : said;
    const relax = fields.relax ?? (fields.as === 'read' ? {} : placement.relax);
    return {
      name,
      as: fields.as,
      user: fields.user ?? (name === USUAL ? (placement.user ?? app) : `${app}_${name}`),
      // What has the server to itself has nothing to relax.
      relax: placement.isolation === 'instance' ? [] : RELAXATION_NAMES.filter((one) => relax[one] === true).sort(),
    };
  };
  return first ? [made(first), ...rest.map(made)] : [made([USUAL, 'owner'])];
}

/** What a login has of its app's place: on keys `owner` and `rw` are the same. */
export function accessOf({ as }: AppLogin, { isolation }: Placement): Access {
  if (as !== 'read') return isolation;
  return isolation === 'prefix' ? 'reader' : `${isolation}-reader`;
}
