import type { LintAbility } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { lint } from './lint.ts';
import { rules } from './rules.ts';

export const linter: LintAbility<Config, Placement> = { rules, lint };
