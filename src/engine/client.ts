import type { EnvVar, EnvContext } from './engine.ts';
import type { InstanceInput } from './input.ts';
import type { SessionContext } from './session.ts';

/** How the server's own command-line client is started as one login. No argument holds a password. */
export interface ClientStart {
  /** Tried in this order. */
  readonly programs: readonly string[];
  /** `program`: the name of the file that runs in the end, where the program is a link to another one. */
  args(program: string): readonly string[];
  /** What the client finds in its environment; null: taken out of it, because it would lead elsewhere. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Written where only this user reads it, and removed when the client ends. The option with its path is the first argument. */
  readonly file?: { readonly option: string; readonly text: string };
}

/** Whose login is used, and where it begins. */
export interface ClientTarget {
  /** An app, or a reader. */
  readonly who: string;
  /** One of `Engine.logins`; left out: the usual one. */
  readonly login?: string;
  /** The app in whose place it begins, where that is not `who`. */
  readonly where?: string;
}

/** Opens the server's own client. */
export interface ClientAbility<Config = unknown, Placement = unknown> {
  /** null: it is not on this instance. Throws CT5007 where there are no credentials. */
  start(
    input: InstanceInput<Config, Placement>,
    target: ClientTarget,
    context: Pick<EnvContext, 'secret' | 'derived' | 'file'>,
  ): ClientStart | null;
  /** As the operator, in the place of the app. Throws CT3005 and CT5001. */
  startAdmin(input: InstanceInput<Config, Placement>, app: string, context: SessionContext): Promise<ClientStart>;
}

/** Variables by the words of `EnvVar.part`. */
export function partsOf(variables: readonly EnvVar[]): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(variables.flatMap(({ part, value }) => (part === undefined ? [] : [[part, value]])));
}
