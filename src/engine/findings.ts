import type { Finding, Fix } from '../model/index.ts';
import type { ProbeInfo } from './verify.ts';

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
}

/** Collects what the analysis of an instance finds; the same fact twice is one finding. */
export class Findings {
  readonly #probes: ReadonlyMap<string, ProbeInfo>;
  readonly #prefix: string;
  readonly #instance: string;
  readonly #all = new Map<string, Finding>();
  /** Facts that were judged. */
  judged = 0;

  /** `prefix`: what the names of all these probes begin with. */
  constructor(probes: readonly ProbeInfo[], prefix: string, instance: string) {
    this.#probes = new Map(probes.map((probe) => [probe.id, probe]));
    this.#prefix = prefix;
    this.#instance = instance;
  }

  /** `id` without the prefix. */
  add(id: string, { from, to, statement, answer, why, verdict, fix }: Fact): void {
    const probe = this.#probes.get(this.#prefix + id);
    if (!probe) throw new Error(`no probe ${this.#prefix}${id}`);
    const key = JSON.stringify([id, from, to, statement]);
    const known = this.#all.get(key);
    if (known) {
      const answers = known.answer.split('; ').includes(answer) ? known.answer : `${known.answer}; ${answer}`;
      const texts = new Set(known.fix.map((one) => one.lane + one.statement.text));
      const more = (fix ?? []).filter((one) => !texts.has(one.lane + one.statement.text));
      this.#all.set(key, { ...known, answer: answers, fix: [...known.fix, ...more] });
      return;
    }
    const words = { verdict: verdict ?? probe.verdict, why: why ?? probe.why, fix: fix ?? [] };
    this.#all.set(key, { probe: probe.id, half: 'analysis', instance: this.#instance, from, to, statement, answer, ...words });
  }

  /** What this admin may not read is not proved. */
  unproven(id: string, statement: string, answer: string, why: string): void {
    this.add(id, { from: null, to: null, statement, answer, why, verdict: 'UNPROVEN' });
  }

  get all(): readonly Finding[] {
    return [...this.#all.values()];
  }
}
