import { randomInt } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { everyday } from '../support/sample.ts';
import { full } from '../support/thorough.ts';
import type { Case, Harm, OpenFault, Subject } from './frame.ts';
import { play } from './play.ts';
import { randomOf } from '../support/random.ts';
import { line, report } from './report.ts';
import { shrink } from './shrink.ts';

const { SEED, WORLDS } = process.env;
const FIRST = 1000;

/**
 * Where a run begins: printed, and set with `SEED=`; `SEED=random` takes another one each time. World number n of it has the
 * seed SEED + n. A run without it begins as its suite says.
 */
function firstSeed(seeds: 'same' | 'random'): number {
  const said = SEED === undefined || SEED === '' ? seeds : SEED;
  if (said === 'same') return FIRST;
  return said === 'random' ? randomInt(2 ** 31) : Number(said);
}

/** So many different harms are shrunk and told in full; then it is enough. */
const ENOUGH = 6;

export interface Planted<Piece> {
  readonly name: string;
  readonly harmful: Case<Piece>;
  /** What the oracle must find. */
  finds(harm: Harm): boolean;
}

export interface Suite<Piece> {
  /** Worlds in an everyday run. */
  readonly worlds: number;
  /** Which: always the same as long as random ones still find faults that are open; others each time once they find none. */
  readonly seeds: 'same' | 'random';
  readonly planted: readonly Planted<Piece>[];
  readonly open: readonly OpenFault<Piece>[];
}

/** Random worlds; harms that are done on purpose and must be found; faults that are known, and must still be there. */
export function describeBystanders<Piece>(subject: () => Subject<Piece>, { worlds, seeds, planted, open }: Suite<Piece>): void {
  const first = firstSeed(seeds);
  const count = WORLDS === undefined || WORLDS === '' ? (full ? 1000 : worlds) : Number(WORLDS);

  test.each(everyday(planted, { oneOf: 3 }))('the oracle finds it: $name', async ({ harmful, finds }) => {
    const { harms, log } = await play(subject(), harmful);
    expect(harms.some(finds), told(log, harms)).toBe(true);
  });

  describe.runIf(open.length > 0)('open faults', () => {
    test.each(open)('$cause ($owner) does harm still; once it does not, its entry goes', async ({ minimal, explains }) => {
      const { harms, log } = await play(subject(), minimal);
      expect(
        harms.some((harm) => explains(harm)),
        told(log, harms),
      ).toBe(true);
    });
  });

  test(`nobody is harmed unknowingly in ${count} worlds, SEED=${first}`, { timeout: (count + 1) * 300_000 }, async () => {
    const search = new Search(subject(), open);
    for (let index = 0; index < count && search.reports.size < ENOUGH; index++) await search.world(first + index);
    console.info(`${subject().name}, SEED=${first}: ${JSON.stringify(search.figures)}`);
    expect([...search.reports.values()].join('\n\n')).toBe('');
  });
}

const told = (log: readonly string[], harms: readonly Harm[]): string => [...log, ...harms.map(line)].join('\n');

class Search<Piece> {
  readonly #subject: Subject<Piece>;
  readonly #open: readonly OpenFault<Piece>[];
  readonly figures = { worlds: 0, moves: 0, sent: 0, explained: 0, harmful: 0 };
  /** By what kind of harm it is: the first case of each. */
  readonly reports = new Map<string, string>();

  constructor(subject: Subject<Piece>, open: readonly OpenFault<Piece>[]) {
    [this.#subject, this.#open] = [subject, open];
  }

  async world(seed: number): Promise<void> {
    const drawn = this.#subject.draw(randomOf(seed));
    const { harms, sent, log } = await play(this.#subject, drawn).catch((error: unknown) => {
      throw new Error(`SEED=${seed} WORLDS=1\n${JSON.stringify(drawn)}`, { cause: error });
    });
    const unknown = harms.filter((harm) => !this.#open.some((fault) => fault.explains(harm)));
    const { figures } = this;
    figures.worlds += 1;
    figures.moves += log.length;
    figures.sent += sent;
    figures.explained += harms.length - unknown.length;
    if (unknown.length > 0) figures.harmful += 1;
    for (const harm of unknown) {
      const key = [harm.kind, harm.verb, harm.what.replaceAll(/\d+/g, '')].join(' ');
      if (this.reports.has(key) || this.reports.size >= ENOUGH) continue;
      const text = await report(this.#subject, seed, await shrink(this.#subject, drawn, harm), [harm]);
      this.reports.set(key, text);
      console.info(text);
    }
  }
}
