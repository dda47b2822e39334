import { type CatalogObject, type Lane, type Migrations, type StepIo, type UnitOutcome, waitUntilFree } from '../../engine/index.ts';
import { prove, type Proof } from '../../migrate/proof.ts';
import type { Standing, Target } from '../../migrate/tool.ts';
import { type Diagnostic, DiagnosticError, type Step } from '../../model/index.ts';
import type { Reached } from '../sessions.ts';
import type { Project } from '../types.ts';
import type { Migrating } from './apps.ts';
import { freeLock } from './lock-row.ts';
import { LEFTOVERS, look, type Seen } from './look.ts';
import { runTool, type ToolTrouble } from './run-tool.ts';

/** What one step is to do. */
export interface Job {
  readonly one: Migrating;
  readonly target: Target;
}

/** Objects and revisions that one message names. */
const SHOWN = 8;

/** Runs the migrations of one app after the other, and looks from outside what came of each. */
export class MigrateLane implements Lane {
  readonly #project: Project;
  readonly #reached: Reached;
  readonly #jobs: ReadonlyMap<string, Job>;

  constructor(project: Project, reached: Reached, jobs: ReadonlyMap<string, Job>) {
    this.#project = project;
    this.#reached = reached;
    this.#jobs = jobs;
  }

  async run([step]: readonly Step[], io: StepIo): Promise<UnitOutcome> {
    const job = this.#jobs.get(step?.id ?? '');
    const reader = await this.#reached.session.migrations?.();
    if (!job || !reader) throw new Error('a step of migrations has its job');
    const { name } = job.one.app;
    // At the same time, which is one connection for all; to free a lock row changes no object.
    const [{ standing, lock }, before, hung = []] = await Promise.all([
      this.#seen(job.one),
      reader.catalog(name),
      reader.dependents?.(name),
    ]);
    if (lock) {
      const held = await freeLock(this.#project, job.one, lock);
      if (held) return { ok: false, failed: 0, diagnostic: held };
      io.say(`freed the lock row of ${lock.row.table.name}, which was ${lock.row.taken}: whoever had it is gone`);
    }
    const trouble = await this.#tool(job, standing, io);
    if (trouble === null) await this.#quiet(reader, job, io.signal);
    const [after, now] = await this.#after(reader, job, trouble);
    const diagnostic = verdict(job, { trouble, standing, now, proof: prove(before, after), lost: await lostOf(reader, name, hung), io });
    return diagnostic === null ? { ok: true } : { ok: false, failed: 0, diagnostic };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #seen(one: Migrating): Promise<Seen & { readonly standing: Standing }> {
    const [seen] = await look([one], [this.#reached]);
    if (!seen?.standing) throw new DiagnosticError(seen?.trouble ?? []);
    return { ...seen, standing: seen.standing };
  }

  async #tool({ one, target }: Job, standing: Standing, io: StepIo): Promise<ToolTrouble> {
    try {
      return await runTool(this.#project, { one, target, standing, signal: io.signal, say: (line) => io.say(line) });
    } catch (error) {
      if (error instanceof DiagnosticError) {
        const [first] = error.diagnostics;
        if (first) return { code: first.code, why: first.message, ...(first.hint === undefined ? {} : { hint: first.hint }) };
      }
      throw error;
    }
  }

  /** What a tool has sent and not waited for would come after the look. Throws CT4109 where it does not end. */
  async #quiet(reader: Migrations, { one }: Job, signal: AbortSignal): Promise<void> {
    const until = { end: performance.now() + LEFTOVERS, signal };
    const worker = await waitUntilFree(until, async () => (await reader.workers([one.app.name]))[0] ?? null);
    signal.throwIfAborted();
    if (!worker) return;
    const message = `${one.app.name}: ${one.tool.id} says that it succeeded, and what it has started is still at work on the server (${worker.id}): what it does is not known`;
    const hint = 'end it, then run cotenant migrate status and cotenant verify';
    throw new DiagnosticError([{ code: 'CT4109', severity: 'error', message, instance: one.instance.name, hint }]);
  }

  /** Also where the tool has failed: what is half done is said. What cannot be read then is not known. */
  async #after(reader: Migrations, { one }: Job, trouble: ToolTrouble): Promise<readonly [readonly CatalogObject[], Standing]> {
    try {
      return await Promise.all([reader.catalog(one.app.name), this.#seen(one).then(({ standing }) => standing)]);
    } catch (error) {
      if (!(error instanceof DiagnosticError) || trouble === null) throw error;
      const [first] = error.diagnostics;
      const message = `${one.app.name}: ${trouble.why}; what it has done is not known: ${first?.message ?? ''}`;
      throw new DiagnosticError([
        {
          code: trouble.code,
          severity: 'error',
          message,
          instance: one.instance.name,
          hint: 'run cotenant migrate status when the server answers',
        },
      ]);
    }
  }
}

interface Came {
  readonly trouble: ToolTrouble;
  readonly standing: Standing;
  readonly now: Standing;
  readonly proof: Proof;
  /** What of others is gone that depended on the app's. */
  readonly lost: readonly string[];
  readonly io: StepIo;
}

async function lostOf(reader: Migrations, app: string, hung: readonly string[]): Promise<readonly string[]> {
  if (hung.length === 0) return [];
  const still = new Set(await reader.dependents?.(app));
  return hung.filter((what) => !still.has(what));
}

/** What is wrong with a run; null: nothing. */
function verdict({ one, target }: Job, { trouble, standing, now, proof, lost, io }: Came): Diagnostic | null {
  const { name } = one.app;
  const moved = standing.pending.filter((id) => !now.pending.includes(id));
  const back = now.pending.filter((id) => !standing.pending.includes(id));
  // The tool makes its own ledger before anything else.
  const ledgers = one.tool.wishes(one.place).map(({ table }) => table);
  const changed = proof.changed.filter((what) => !ledgers.some((table) => what.includes(table)));
  const half = moved.length + back.length === 0 ? changed : [];
  const wrong = [
    ...proof.violations,
    ...lost.map((what) => `gone: ${what}`),
    ...now.drift.map((what) => `ledger: ${what}`),
    ...(trouble === null ? shortOf(target, standing, now) : []),
    ...(half.length > 0 ? [`the ledger has not moved, and ${list(half)}`] : []),
  ];
  for (const what of proof.meanwhile) io.say(`meanwhile: ${what}`);
  if (moved.length > 0) io.say(`applied: ${moved.join(', ')}`);
  if (back.length > 0) io.say(`taken back: ${back.join(', ')}`);
  if (trouble === null && wrong.length === 0) return null;
  const stands = `It stands at ${now.current.join(', ') || 'its beginning'}${now.pending.length > 0 ? `, and ${now.pending[0]} is next` : ''}`;
  const base = { severity: 'error' as const, instance: one.instance.name };
  if (trouble === null) {
    const message = `${name}: ${one.tool.id} says that it succeeded, and this is not as it should be: ${list(wrong)}. ${stands}.`;
    return { ...base, code: 'CT4103', message, hint: 'correct what is named, then run cotenant migrate status' };
  }
  const also = wrong.length > 0 ? `. Left behind: ${list(wrong)}` : '';
  const hint = trouble.hint ?? 'correct the cause and run cotenant migrate up again: it goes on from there';
  return { ...base, code: trouble.code, message: `${name}: ${trouble.why}${also}. ${stands}.`, hint };
}

/** What a tool has left undone that says it succeeded. */
function shortOf(target: Target, before: Standing, now: Standing): readonly string[] {
  if (target.to === 'head') return now.pending.length > 0 ? [`it has skipped ${list(now.pending)}`] : [];
  if (target.to === 'back') {
    const taken = now.pending.length - before.pending.length;
    return taken === target.steps ? [] : [`it has taken back ${taken} of ${target.steps}`];
  }
  if (!target.back) return now.pending.includes(target.revision) ? [`it has skipped ${target.revision}`] : [];
  return now.current.includes(target.revision) ? [] : [`it is not at ${target.revision}`];
}

function list(all: readonly string[]): string {
  const more = all.length > SHOWN ? `; and ${all.length - SHOWN} more` : '';
  return `${all.slice(0, SHOWN).join('; ')}${more}`;
}
