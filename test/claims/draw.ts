import type { Random } from '../support/random.ts';
import type { Document, Fields, Pair } from './suite.ts';

/** What an engine draws from. */
export interface Drawing {
  readonly names: readonly string[];
  /** Names of logins, and of whatever else can be claimed by name. */
  readonly logins: readonly string[];
  /** What an operator may do. */
  readonly words: readonly string[];
  placement(random: Random, second: boolean): Fields;
}

/** Two projects that want the same, or nearly: now and then what has just lost its mark. */
export function drawPair(random: Random, drawing: Drawing): Pair {
  const first = drawDocument(random, drawing, false);
  const apps = Object.keys(first.apps);
  const goes = random.chance(0.3) ? random.pick(apps) : null;
  const later: Document | null =
    goes === null ? null : { apps: Object.fromEntries(Object.entries(first.apps).filter(([app]) => app !== goes)) };
  if (!random.chance(0.25)) return { first, later, lost: null, second: drawDocument(random, drawing, true) };
  // The second one asks for just what has lost its mark.
  const [app = '', fields] = Object.entries(first.apps)[0] ?? [];
  const { main } = (fields?.['uses'] ?? {}) as { readonly main: Fields };
  const names = (main['names'] ?? {}) as Fields;
  const lost = random.pick(['login', 'place'] as const);
  const wanted: Fields = lost === 'login' ? { names: { login: names['login'] ?? `${app}_user` } } : { database: main['database'] ?? app };
  return { first, later: null, lost, second: { apps: { z: { uses: { main: { adopt: true, ...wanted } } } } } };
}

function drawDocument(random: Random, { names: all, logins, words, placement }: Drawing, second: boolean): Document {
  const names = random.chance(0.7) ? [random.pick(all)] : random.shuffled(all).slice(0, 2);
  const apps: (readonly [string, Fields])[] = names.map((app) => [app, { uses: { main: placement(random, second) } }]);
  if (random.chance(0.2)) apps.push(['old', { uses: { main: { adopt: true, database: 'old', names: { login: 'old' } } } }]);
  const people = second
    ? {
        ...(random.chance(0.25) ? { operators: { [random.pick(logins)]: { may: [random.pick(words)] } } } : {}),
        ...(random.chance(0.2) ? { known: [{ user: random.pick(logins), why: 'it was there' }] } : {}),
      }
    : {};
  return {
    apps: Object.fromEntries(apps),
    ...(random.chance(0.3) ? { readers: { lens: { reads: [names[0] ?? ''] } } } : {}),
    ...people,
  };
}
