import type { MigrationAbility } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { enter } from './enter.ts';
import { spotOf, variables } from './spots.ts';

export const migrations: MigrationAbility<Config, Placement> = {
  dialect: 'postgres',
  transactionalDdl: true,
  place: (input, app) => spotOf(input, app)?.database ?? null,
  variables,
  enter,
};
