import type { VacuumedTable } from '../model/index.ts';
import type { EnvContext } from './engine.ts';
import type { InstanceInput } from './input.ts';
import type { SessionContext } from './session.ts';

export interface VacuumContext {
  readonly session: SessionContext;
  readonly env: Pick<EnvContext, 'secret' | 'derived' | 'file'>;
}

export type TableDone = Omit<VacuumedTable, 'app' | 'instance' | 'engine'>;

/**
 * Tidies up what belongs to one app and gathers its statistics, as the app itself: what of the app runs meanwhile, as functions in
 * indexes, has no other rights than it always has.
 */
export interface VacuumAbility<Config = unknown, Placement = unknown> {
  /** Tables one after the other. null: the app has no tables of its own here. */
  vacuum(input: InstanceInput<Config, Placement>, app: string, context: VacuumContext): AsyncGenerator<TableDone> | null;
}
