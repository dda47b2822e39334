import type { StepDraft } from '../../engine/index.ts';
import type { Loss } from '../../model/index.ts';
import { censusIn, sessionsIn } from './census.ts';
import { type Context, factsOf } from './draft-steps.ts';
import { type Effect, GrantTables, type Rights } from './effective.ts';
import { databaseOf, shown, targetOf, textOf } from './grants.ts';
import { calledMade, type Made } from './made.ts';
import { patternReaches } from './quote.ts';
import { isOperator } from './operators.ts';
import type { CensusSpec, Holder } from './spec.ts';

/** A step that takes something, with what it does to the server's tables of grants. */
export interface Taking {
  readonly draft: StepDraft;
  readonly effects: readonly Effect[];
}

/** Steps with who can do less after each: from the tables of grants before and after it, the steps before it counted in. */
export function withLosses(given: readonly Effect[], takings: readonly Taking[], context: Context): readonly StepDraft[] {
  if (takings.length === 0) return [];
  const census = censusIn(context.observation);
  const tables = new GrantTables(census, factsOf(context).literalNames);
  for (const effect of given) tables.apply(effect);
  const who = new Who(census, context);
  return takings.map(({ draft, effects }) => {
    const losses = lossesOf(effects, tables, who);
    return losses.length === 0 ? draft : { ...draft, losses };
  });
}

function lossesOf(effects: readonly Effect[], tables: GrantTables, who: Who): readonly Loss[] {
  const keys = [...new Set(effects.flatMap((effect) => tables.touched(effect)))].filter((key) => !who.isSystem(key)).sort();
  const before = new Map(keys.map((key) => [key, { rights: tables.of(key), open: tables.canLogIn(key) }]));
  const dropped = effects.flatMap((effect) => (effect.is === 'dropped' ? [effect.database] : []));
  const reached = new Map(keys.map((key) => [key, dropped.filter((one) => tables.reaches(before.get(key)?.rights ?? new Map(), one))]));
  for (const effect of effects) tables.apply(effect);
  const lost = new Map<string, Set<string>>();
  const say = (key: string, what: string): void => void lost.set(key, (lost.get(key) ?? new Set()).add(what));
  for (const [key, { rights, open }] of before) {
    const now = tables.of(key);
    const less = lessOf(rights, now, tables).filter(({ target }) => !dropped.includes(databaseOf(targetOf(target)) ?? ''));
    if (open && !tables.canLogIn(key)) say(key, 'log in');
    // What nobody can use who cannot log in is no loss of its own; what has it as definer says so below.
    if (open) for (const { target, privileges } of less) say(key, `${privileges} on ${shown(target)}`);
    for (const database of reached.get(key) ?? [])
      if (open && !who.isAlmighty(key)) say(key, `database "${database}" and everything in it`);
    for (const made of who.madeBy(key)) {
      if (!less.some(({ target }) => isUsed(target, made, who.literalNames))) continue;
      for (const user of who.usersOf(made, tables)) say(user, `${calledMade(made)} (it runs as ${key}, which loses rights)`);
    }
  }
  return [...lost].map(([key, what]) => who.loss(key, [...what]));
}

/** True where what an object does can need this right of its definer. */
function isUsed(target: string, { database, mentions }: Made, literalNames: boolean): boolean {
  const uses = [database, ...mentions.map((one) => one.database)];
  const found = targetOf(target);
  if (found[0] === 'global') return true;
  if (found[0] === 'pattern') return uses.some((name) => patternReaches(found[1], name, literalNames));
  return uses.includes(databaseOf(found) ?? '');
}

function lessOf(before: Rights, after: Rights, tables: GrantTables): { readonly target: string; readonly privileges: string }[] {
  return [...before].flatMap(([target, privileges]) => {
    const gone = [...privileges].filter((one) => !tables.covers(after, target, one));
    return gone.length === 0 ? [] : [{ target, privileges: textOf(gone) }];
  });
}

/** Everybody on the server, as people know them. */
class Who {
  readonly #holders: ReadonlyMap<string, Holder>;
  readonly #made: ReadonlyMap<string, readonly Made[]>;
  readonly #sessions: ReadonlyMap<string, number>;
  readonly #instance: string;
  readonly #admin: string;
  readonly literalNames: boolean;
  readonly #operators: readonly string[];

  constructor(census: CensusSpec, { observation, input }: Context) {
    this.#holders = new Map(census.accounts.map((one) => [one.key, one]));
    this.#made = Map.groupBy(
      census.made.filter(({ asDefiner }) => asDefiner),
      ({ definer }) => definer,
    );
    this.#sessions = sessionsIn(observation);
    this.#instance = input.name;
    this.#admin = String(observation.server['admin']);
    this.literalNames = observation.server['literalNames'] === true;
    this.#operators = input.operators.map(({ name }) => name);
  }

  /** The operator of this very run, and what the server keeps for itself. */
  isSystem(key: string): boolean {
    const holder = this.#holders.get(key);
    return (
      holder === undefined ||
      key === this.#admin ||
      /^(mysql|mariadb)\.(sys|session|infoschema)$/.test(holder.user) ||
      (holder.isRole && holder.user === 'PUBLIC')
    );
  }

  /** Whoever may make accounts can do everything anyway, and is told by the plan itself what is deleted. */
  isAlmighty(key: string): boolean {
    const holder = this.#holders.get(key);
    return holder !== undefined && isOperator(holder);
  }

  madeBy(key: string): readonly Made[] {
    return this.#made.get(key) ?? [];
  }

  /** Who can use an object that runs as somebody else: everybody with a right on its database, or, where there is none, its definer. */
  usersOf({ database, definer }: Made, tables: GrantTables): readonly string[] {
    const users = tables.keys.filter((key) => {
      if (key === definer || this.isSystem(key) || this.isAlmighty(key)) return false;
      return tables.canLogIn(key) && tables.reaches(tables.of(key), database);
    });
    return users.length > 0 ? users : [definer];
  }

  loss(key: string, what: readonly string[]): Loss {
    const holder = this.#holders.get(key);
    const user = holder?.user ?? key;
    const operator = this.#operators.find((name) => name === user || name === key);
    const of = holder?.of ?? operator ?? null;
    return {
      who: key,
      of,
      what,
      sessions: this.#sessions.get(user) ?? 0,
      keep: of === null ? `known: [{ user: ${JSON.stringify(key)}, on: ${this.#instance}, why: … }]` : null,
    };
  }
}
