import { randomInt } from 'node:crypto';
import { type Random, randomOf } from './random.ts';
import { isFull, narrowed, thorough } from './thorough.ts';

const DAY = 86_400_000;

/**
 * Where every sample of a run begins: another number each day, so that no part of a list is left out for ever. `SEED=` repeats
 * the run that printed it at its end, `SEED=random` takes any. The workers have it from the global setup, also past midnight.
 */
export const seed: number = seedOf(process.env['COTENANT_SAMPLE_SEED'] ?? process.env['SEED']);

/** How many parts a whole is cut into, of which a run takes one; 1: all of it. */
export interface Part {
  readonly oneOf: number;
  /** What runs beside: each name takes another part of the same list on the same day. */
  readonly name?: string;
}

export function seedOf(said: string | undefined, now: number = Date.now()): number {
  if (said === 'random') return randomInt(2 ** 31);
  if (said === undefined || said === '') return Math.floor(now / DAY);
  if (!/^\d+$/.test(said)) throw new Error(`SEED is a whole number or "random", not ${said}`);
  return Number(said);
}

/** One part of a list, in the list's order. Seeds that follow each other take all of its parts before any comes again. */
export function sampled<T>(list: readonly T[], part: Part, from: number = seed): T[] {
  const { oneOf } = part;
  const { round, turn } = turnOf(part, from);
  const mine = new Set(
    randomOf(round)
      .shuffled(list.map((_, index) => index))
      .filter((_, place) => place % oneOf === turn),
  );
  return list.filter((_, index) => mine.has(index));
}

/** A part of a table for an everyday run; all of it in CI, and for who works on a version. */
export const everyday = <T>(list: readonly T[], part: Part): T[] => sampled(list, thorough || narrowed ? { oneOf: 1 } : part);

/**
 * The part of a table that one of several versions takes where they share it: among them they take all of it, each another part
 * the day after.
 */
export function sharedPart<T>(list: readonly T[], { at, of }: { readonly at: number; readonly of: number }, from: number = seed): T[] {
  return sampled(list, { oneOf: of }, Math.floor(from / of) * of + ((from + at) % of));
}

/** From one moment at which a run is cut to the next: all of them where a version is run full, fewer day by day than in CI. */
export function strideOn(version: string, { daily, ci }: { readonly daily: number; readonly ci: number }): number {
  if (isFull(version, 'moments')) return 1;
  return thorough ? ci : daily;
}

/** The first of the moments `start`, `start + oneOf`, … at which a run is cut, from 1 to `oneOf`. */
export function firstMoment(part: Part, from: number = seed): number {
  return turnOf(part, from).turn + 1;
}

/** Draws that have the same start within a run, and another one for each name. */
export const randomFor = (name: string, from: number = seed): Random => randomOf(from ^ hash(name));

function turnOf({ oneOf, name = '' }: Part, from: number): { readonly round: number; readonly turn: number } {
  const at = from + hash(name);
  return { round: Math.floor(at / oneOf), turn: at % oneOf };
}

/** FNV-1a, short enough to be added to a seed. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return text === '' ? 0 : value % 2 ** 16;
}
