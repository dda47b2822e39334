import type { BackupAbility } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { load, present, state } from './load.ts';
import { rehearse } from './rehearse.ts';
import { save } from './save.ts';

export const backup: BackupAbility<Config, Placement> = { save, present, state, load, rehearse };
