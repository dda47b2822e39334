import { type EnvContext, type EnvVar, type MigrationAbility, placementOf } from '../../../engine/index.ts';
import type { Input } from '../compile/draft.ts';
import { loginsOf } from '../compile/logins.ts';
import type { Config, Placement } from '../config.ts';
import { env } from '../env/env.ts';
import { namesOf } from '../names.ts';
import { enter } from './enter.ts';

/** The usual login, or the first that may change tables. */
export function variables(input: Input, app: string, context: EnvContext): readonly EnvVar[] {
  const placed = placementOf(input, app);
  const all = placed ? loginsOf(app, placed.placement) : [];
  const first = all.find(({ as }) => as === 'owner');
  const login = first === undefined || first === all[0] ? {} : { login: first.name };
  return env(input, app, { ...context, prefix: null, ...login }) ?? [];
}

export const migrations: MigrationAbility<Config, Placement> = {
  dialect: 'mysql',
  transactionalDdl: false,
  dsn: 'MYSQL_GO_DSN',
  place(input, app) {
    const placed = placementOf(input, app);
    return placed ? namesOf(app, placed.placement).database : null;
  },
  variables,
  enter,
};
