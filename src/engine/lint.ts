import type { LintFinding, RenderedMigration } from '../model/index.ts';
import type { InstanceInput } from './input.ts';
import type { SessionContext } from './session.ts';

export interface LintRule {
  /** Stable: squawk's or strong_migrations' name where they have the rule. */
  readonly id: string;
  readonly title: string;
  /** `error`: it harms others, or fails. `warning`: it stops the app itself for a while, or breaks what still runs its old code. */
  readonly severity: LintFinding['severity'];
  /** What it does, in a sentence or two. */
  readonly why: string;
  /** The safe way. */
  readonly instead: string;
}

/** Reads the migrations of an app before they run. Loaded when it is asked for. */
export interface LintAbility<Config = unknown, Placement = unknown> {
  readonly rules: readonly LintRule[];
  /** `context` null: no server is asked, so sizes, types and who else is there are not known, and every table counts as large. */
  lint(
    input: InstanceInput<Config, Placement>,
    app: string,
    scripts: readonly RenderedMigration[],
    context: SessionContext | null,
  ): Promise<readonly LintFinding[]>;
}
