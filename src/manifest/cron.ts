import { lookUp } from '../util/record.ts';

const numbered = (names: string, first: number): Readonly<Record<string, number>> =>
  Object.fromEntries(names.split(' ').map((name, at) => [name, first + at]));

/** Minute, hour, day, month, day of the week: the least, the most, and names. */
const FIELDS: readonly (readonly [least: number, most: number, names: Readonly<Record<string, number>>])[] = [
  [0, 59, {}],
  [0, 23, {}],
  [1, 31, {}],
  [1, 12, numbered('jan feb mar apr may jun jul aug sep oct nov dec', 1)],
  [0, 7, numbered('sun mon tue wed thu fri sat', 0)],
];

/** Whether every cron takes it: five fields of numbers or names, ranges, lists, steps. What single crons have besides, as `@daily`, is none. */
export function isCron(text: string): boolean {
  const fields = text.trim().split(/\s+/u);
  return fields.length === FIELDS.length && fields.every((field, at) => field.split(',').every((part) => isPart(part, at)));
}

function isPart(part: string, at: number): boolean {
  const [least = 0, most = 0, names = {}] = FIELDS[at] ?? [];
  const [, from = '', to, step] = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/iu.exec(part) ?? [];
  const value = (word: string): number => lookUp(names, word.toLowerCase()) ?? (/^\d+$/u.test(word) ? Number(word) : Number.NaN);
  const isWithin = (number: number): boolean => number >= least && number <= most;
  if (step !== undefined && (Number(step) < 1 || Number(step) > most || (from !== '*' && to === undefined))) return false;
  if (from === '*') return to === undefined;
  return isWithin(value(from)) && (to === undefined || (isWithin(value(to)) && value(from) <= value(to)));
}
