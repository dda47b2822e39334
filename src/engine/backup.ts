import type { Diagnostic, SavedObject, SavedPart } from '../model/index.ts';
import type { EnvContext } from './engine.ts';
import type { InstanceInput } from './input.ts';
import type { SessionContext } from './session.ts';

/** What a part works with. */
export interface BackupContext {
  readonly session: SessionContext;
  readonly env: Pick<EnvContext, 'secret' | 'derived' | 'file'>;
  /** Where the files of this part lie, and of nothing else. */
  readonly folder: string;
  /** Folders with the servers' programs, in this order. */
  readonly programs: readonly string[];
  readonly signal: AbortSignal;
  say(line: string): void;
}

/** Saves an app and brings it back, with the rights of the app alone. */
export interface BackupAbility<Config = unknown, Placement = unknown> {
  /** Why an app cannot be saved where it is, which no server need be asked for; null: it can. Left out: each can. Pure. */
  refusal?(input: InstanceInput<Config, Placement>, app: string): Diagnostic | null;
  /** Writes what the app has into the folder, at one moment. */
  save(input: InstanceInput<Config, Placement>, app: string, context: BackupContext): Promise<SavedPart>;
  /** What stands where a restore would write, in words; none: the place is empty. */
  present(input: InstanceInput<Config, Placement>, app: string, context: BackupContext): Promise<readonly string[]>;
  /** All that stands against bringing a part back there, before anything is. Left out: `load` says it. */
  fit?(input: InstanceInput<Config, Placement>, app: string, part: SavedPart, context: BackupContext): Promise<readonly Diagnostic[]>;
  /** Brings a part back into the empty place of an app, all of it or nothing, and says what is there then. */
  load(input: InstanceInput<Config, Placement>, app: string, part: SavedPart, context: BackupContext): Promise<readonly SavedObject[]>;
  /** Brings a part back into a place made for that, says what is there then, and removes the place again. */
  rehearse(input: InstanceInput<Config, Placement>, app: string, part: SavedPart, context: BackupContext): Promise<readonly SavedObject[]>;
  /** What the app has there now, as a backup of it would say: a restore that was cut goes on where it can tell. Left out: nobody can. */
  state?(input: InstanceInput<Config, Placement>, app: string, context: BackupContext): Promise<readonly SavedObject[]>;
}
