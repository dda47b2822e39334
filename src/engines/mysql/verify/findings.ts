import type { ProbeInfo } from '../../../engine/index.ts';
import type { Finding, Fix } from '../../../model/index.ts';
import { LANE } from '../draft-steps.ts';

/** Statements that close a finding. What ends something of somebody needs its name repeated. */
export function fixes(texts: readonly string[], confirm?: string): readonly Fix[] {
  return texts.map((text) => ({ lane: LANE, statement: { text }, ...(confirm === undefined ? {} : { confirm }) }));
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
}

/** Collects what the analysis finds; the same fact twice is one finding. */
export class Findings {
  readonly #probes: ReadonlyMap<string, ProbeInfo>;
  readonly #instance: string;
  readonly #all = new Map<string, Finding>();
  /** Facts that were judged. */
  judged = 0;

  constructor(probes: readonly ProbeInfo[], instance: string) {
    this.#probes = new Map(probes.map((probe) => [probe.id, probe]));
    this.#instance = instance;
  }

  /** `id` without the engine's prefix, as `Y01`. */
  add(id: string, { from, to, statement, answer, why, verdict, fix }: Fact): void {
    const probe = this.#probes.get(`MY-${id}`);
    if (!probe) throw new Error(`no probe MY-${id}`);
    const key = JSON.stringify([id, from, to, statement]);
    const known = this.#all.get(key);
    if (known) {
      const answers = known.answer.split('; ').includes(answer) ? known.answer : `${known.answer}; ${answer}`;
      const texts = new Set(known.fix.map((one) => one.statement.text));
      const more = (fix ?? []).filter((one) => !texts.has(one.statement.text));
      this.#all.set(key, { ...known, answer: answers, fix: [...known.fix, ...more] });
      return;
    }
    const words = { verdict: verdict ?? probe.verdict, why: why ?? probe.why, fix: fix ?? [] };
    this.#all.set(key, { probe: probe.id, half: 'analysis', instance: this.#instance, from, to, statement, answer, ...words });
  }

  get all(): readonly Finding[] {
    return [...this.#all.values()];
  }
}
