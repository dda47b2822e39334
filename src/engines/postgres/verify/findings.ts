import type { ProbeInfo } from '../../../engine/index.ts';
import type { Finding, Fix } from '../../../model/index.ts';

export const SHARED_LANE = 'shared';

export function fixShared(...texts: readonly string[]): readonly Fix[] {
  return texts.map((text) => ({ lane: SHARED_LANE, statement: { text } }));
}

/** What drops something of somebody needs the name of the database repeated; a policy is made again at once. */
export function fixInside(database: string, ...texts: readonly string[]): readonly Fix[] {
  const ends = /^DROP (?!POLICY )/;
  return texts.map((text) => ({ lane: `db:${database}`, statement: { text }, ...(ends.test(text) ? { confirm: database } : {}) }));
}

/**
 * Gives an object to the role that owns what is on an app's ground. Never to the operator: what a tenant made (a function
 * that runs as its owner, the expression of an index, a trigger) would run with the operator's rights. Where there is no such role, it goes.
 */
export function handOver(word: string, name: string, owner: string | null): string {
  return owner === null ? `DROP ${word} ${name}` : `ALTER ${word} ${name} OWNER TO ${owner}`;
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

  /** `id` without the engine's prefix, as `P01`. */
  add(id: string, { from, to, statement, answer, why, verdict, fix }: Fact): void {
    const probe = this.#probes.get(`PG-${id}`);
    if (!probe) throw new Error(`no probe PG-${id}`);
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

/** Three names and how many more. */
export function named(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
