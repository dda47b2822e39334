import type { Finding, Fix } from '../model/index.ts';
import type { ProbeInfo } from './verify.ts';

/** Why cotenant cannot close what it found with the rights that it has. */
export interface Stuck {
  /** The manifest accepts that by name: it is a known risk, and no finding. */
  readonly accepted: boolean;
  readonly why: string;
}

export interface Fact {
  /** null: any login. */
  readonly from: string | null;
  /** null: the server. */
  readonly to: string | null;
  /** Where it was read. */
  readonly statement: string;
  /** What stood there. Never a secret. */
  readonly answer: string;
  readonly why?: string;
  readonly verdict?: Finding['verdict'];
  readonly fix?: readonly Fix[];
  /** What it follows from, where closing that closes it. */
  readonly under?: string;
  /** null: it can be closed. */
  readonly stuck?: Stuck | null;
}

/** Why it matters, and what closes it: for findings without a statement that could be sent. */
export function byHand(why: string, { hardening }: Pick<ProbeInfo, 'hardening'>): string {
  return `${why} By hand: ${hardening}`;
}

/** Collects what the analysis of an instance finds; the same fact twice is one finding. */
export class Findings {
  readonly #probes: ReadonlyMap<string, ProbeInfo>;
  readonly #prefix: string;
  readonly #instance: string;
  readonly #all = new Map<string, Finding>();
  readonly #answers = new Map<string, Set<string>>();
  /** Facts that were judged. */
  judged = 0;

  /** `prefix`: what the names of all these probes begin with. */
  constructor(probes: readonly ProbeInfo[], prefix: string, instance: string) {
    this.#probes = new Map(probes.map((probe) => [probe.id, probe]));
    this.#prefix = prefix;
    this.#instance = instance;
  }

  /** `id` without the prefix. */
  add(id: string, fact: Fact): void {
    const { from, to, statement, answer, why, verdict, fix = [], stuck = null, under } = fact;
    const probe = this.#probes.get(this.#prefix + id);
    if (!probe) throw new Error(`no probe ${this.#prefix}${id}`);
    const accepted = stuck?.accepted === true;
    const closing = stuck === null ? fix : [];
    // What is accepted hides nothing that stands in the same place and is not.
    const key = JSON.stringify([id, from, to, statement, accepted]);
    const known = this.#all.get(key);
    const answers = (this.#answers.get(key) ?? new Set<string>()).add(answer);
    this.#answers.set(key, answers);
    if (known) {
      const texts = new Set(known.fix.map((one) => one.lane + one.statement.text));
      const more = closing.filter((one) => !texts.has(one.lane + one.statement.text));
      const { under: _, ...rest } = known;
      const hangs = known.under !== undefined && under !== undefined ? { under: known.under } : {};
      this.#all.set(key, { ...rest, ...hangs, answer: [...answers].join('; '), fix: [...known.fix, ...more] });
      return;
    }
    const what = verdict ?? probe.verdict;
    // Where no statement is offered, people read what one would be.
    const alone = closing.length === 0 && stuck === null && under === undefined && what !== 'UNPROVEN';
    const said = alone ? byHand(why ?? probe.why, probe) : (why ?? probe.why);
    const words = accepted
      ? { verdict: 'RESIDUAL' as const, why: stuck.why }
      : { verdict: what, why: stuck === null ? said : `${said} ${stuck.why}` };
    const base = { probe: probe.id, half: 'analysis' as const, instance: this.#instance, from, to, statement, answer };
    this.#all.set(key, { ...base, ...words, fix: closing, ...(under === undefined ? {} : { under }) });
  }

  /** What this admin may not read is not proved. */
  unproven(id: string, statement: string, answer: string, why: string, stuck: Stuck | null = null): void {
    this.add(id, { from: null, to: null, statement, answer, why, verdict: 'UNPROVEN', stuck });
  }

  get all(): readonly Finding[] {
    return [...this.#all.values()];
  }
}
