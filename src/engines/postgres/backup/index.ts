import type { BackupAbility } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { fit, load, present, state } from './load.ts';
import { rehearse } from './rehearse.ts';
import { save } from './save.ts';
import { refusal } from './session.ts';

export const backup: BackupAbility<Config, Placement> = { refusal, save, present, state, fit, load, rehearse };
