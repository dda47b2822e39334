import type { Finding, Fix } from '../../../model/index.ts';
import { probes } from './probes.ts';

const byId = new Map(probes.map((probe) => [probe.id, probe]));

export interface Fact {
  /** null: whoever connects. */
  readonly from: string | null;
  /** null: the server. */
  readonly to: string | null;
  readonly statement: string;
  /** What stood there. Never a secret. */
  readonly answer: string;
  readonly why?: string;
  readonly verdict?: Finding['verdict'];
  readonly fix?: readonly Fix[];
}

/** Collects what the analysis finds. */
export class Findings {
  readonly #instance: string;
  readonly #all = new Map<string, Finding>();
  /** Facts that were judged. */
  judged = 0;

  constructor(instance: string) {
    this.#instance = instance;
  }

  /** `id` without the engine's prefix, as `K10`. */
  add(id: string, { from, to, statement, answer, why, verdict, fix }: Fact): void {
    const probe = byId.get(`RD-${id}`);
    if (!probe) throw new Error(`no probe RD-${id}`);
    const key = JSON.stringify([id, from, to, statement]);
    const words = { verdict: verdict ?? probe.verdict, why: why ?? probe.why, fix: fix ?? [] };
    this.#all.set(key, { probe: probe.id, half: 'analysis', instance: this.#instance, from, to, statement, answer, ...words });
  }

  get all(): readonly Finding[] {
    return [...this.#all.values()];
  }
}
