import { isServersUser } from '../operators.ts';
import type { StepDraft } from '../../../engine/index.ts';
import type { Loss } from '../../../model/index.ts';
import { censusIn, sessionsIn } from '../observe/census.ts';
import type { Input } from '../compile/draft.ts';
import { type Context, factsOf } from '../steps/draft-steps.ts';
import { lessIn, type OnDatabase } from './by-database.ts';
import { type Effect, GrantTables } from './effective.ts';
import { watchGains } from './gains.ts';
import { NO_RIGHTS, type Rights } from './rights.ts';
import { databaseOf, GLOBAL, keyOf, listOf, shown, targetOf, textOf } from '../grants.ts';
import { calledMade, type Made } from '../observe/made.ts';
import type { Mention } from '../observe/mentions.ts';
import { isOfOperators, whoseLoss } from '../judge/people.ts';
import { patternReaches } from '../quote.ts';
import type { Census, Holder } from '../spec.ts';
import { mayUse } from './usable.ts';

/** A step that takes something, with what it does to the server's tables of grants. */
export interface Taking {
  readonly draft: StepDraft;
  readonly effects: readonly Effect[];
}

/** Steps with who can do less after each: from the tables of grants before and after it, the steps before it counted in. */
export function withLosses(given: readonly Effect[], takings: readonly Taking[], context: Context): readonly StepDraft[] {
  if (takings.length === 0) return [];
  const census = censusIn(context.observation);
  const tables = new GrantTables(census, factsOf(context));
  for (const effect of given) tables.apply(effect);
  const who = whoIn(context);
  return takings.map(({ draft, effects }) => {
    const gains = watchGains(effects, tables);
    const losses = lossesOf(effects, tables, who);
    const told = { ...draft, fields: [...draft.fields, ...gains()] };
    return losses.length === 0 ? told : { ...told, losses: [...losses, ...(draft.losses ?? [])] };
  });
}

/** Everybody on the server of a plan. */
function whoIn(context: Context): Who {
  const { observation, input } = context;
  const { admin, literalNames } = factsOf(context);
  return new Who(censusIn(observation), {
    input,
    sessions: sessionsIn(observation),
    admin,
    literalNames,
  });
}

/**
 * Who can do less after these effects; the tables are as they leave them. `about`: the app whose rights they take on purpose, of
 * which only is said what ends for it with them.
 */
export function lossesOf(effects: readonly Effect[], tables: GrantTables, who: Who, about: string | null = null): readonly Loss[] {
  const keys = [...new Set(effects.flatMap((effect) => tables.touched(effect)))].filter((key) => !who.isSystem(key)).sort();
  // Somebody who is locked out for a while, or a role that waits for its members, has rights as well.
  const isHeld = (key: string): boolean =>
    tables.canLogIn(key) || (who.isStranger(key) && tables.membersOf(key).every((one) => who.isSystem(one)));
  const before = new Map(
    keys.map((key) => {
      const rights = tables.of(key);
      const opened = new Map([...rights.on.keys()].map((target) => [target, tables.openedBy(key, target)]));
      const places = new Map(tables.byPatterns(key).map((name) => [name, tables.onDatabase(key, name)]));
      return [key, { rights, sessions: tables.sessionsOf(key), opened, places, open: tables.canLogIn(key), held: isHeld(key) }];
    }),
  );
  const dropped = effects.flatMap((effect) => (effect.is === 'dropped' ? [effect.database] : []));
  const reached = new Map(keys.map((key) => [key, dropped.filter((one) => tables.reaches(before.get(key)?.rights ?? NO_RIGHTS, one))]));
  const parted = effects.flatMap((effect) =>
    effect.is === 'gone' ? tables.membersOf(effect.key).map((member) => ({ member, role: effect.key })) : [],
  );
  for (const effect of effects) tables.apply(effect);
  const lost = new Map<string, Set<string>>();
  const rightsLost = new Set<string>();
  const besides = new Set<string>();
  const gone = (key: string, what: string): void => void lost.set(key, (lost.get(key) ?? new Set()).add(what));
  const say = (key: string, what: string): void => {
    besides.add(key);
    gone(key, what);
  };
  const own = (key: string, what: string, tell = say): void => {
    if (about === null || who.appOf(key) !== about) tell(key, what);
  };
  for (const [key, { rights, sessions, opened, places, open, held }] of before) {
    const how = { tables, opened, isStranger: who.isStranger(key) };
    // What it can do as somebody else makes up for nothing that it can do as itself, nor one kind of session for another.
    const now = tables.sessionsOf(key);
    const each = sessions.map((one, index) => lessOf(one, now[index] ?? NO_RIGHTS, how));
    const found = byTarget([...each.flat(), ...lessOf(rights, tables.of(key), how)]);
    const less = [...found, ...shadowed(key, places, found, tables)].filter(
      ({ target }) => !dropped.includes(databaseOf(targetOf(target)) ?? ''),
    );
    if (open && !tables.canLogIn(key)) own(key, 'log in');
    // What an account of ours has that is closed is no loss of its own; what has it as definer says so below.
    if (held && less.length > 0) rightsLost.add(key);
    if (held) for (const { target, privileges, detail = '' } of less) own(key, `${privileges} on ${shown(target)}${detail}`);
    for (const database of reached.get(key) ?? []) if (held) own(key, `database "${database}" and everything in it`, gone);
    for (const made of who.madeBy(key)) {
      if (!less.some((one) => isUsed(one, made, who))) continue;
      for (const user of who.usersOf(made, tables)) say(user, `${calledMade(made)} (it runs as ${key}, which loses rights)`);
    }
  }
  // Also where nothing is left in it: a script that takes it on ends with an error.
  for (const { member, role } of parted) if (!who.isSystem(member)) own(member, `the role ${role} (it is dropped)`);
  for (const made of droppedBy(effects, who)) {
    const losers = new Set([...who.usersOf(made, tables), made.definer].filter((user) => !who.isSystem(user)));
    for (const user of losers) (dropped.includes(made.database) ? gone : say)(user, `${calledMade(made)} (it is dropped)`);
  }
  return [...lost].map(([key, what]) => who.loss(key, [...what], { ofRights: rightsLost.has(key), besides: besides.has(key) }));
}

/** Objects that go by themselves, and what strangers have put into a database that goes. */
function droppedBy(effects: readonly Effect[], who: Who): readonly Made[] {
  return effects.flatMap((effect) => {
    if (effect.is === 'object') return [effect.made];
    return effect.is === 'dropped' ? who.madeIn(effect.database).filter(({ definer }) => who.isStranger(definer)) : [];
  });
}

/** True where what an object does can need one of these rights of its definer. */
function isUsed({ target, privileges }: Less, made: Made, who: Who): boolean {
  if (listOf(privileges).every((one) => made.needless.includes(one))) return false;
  const uses = [made.database, ...made.mentions.map((one) => one.database)];
  const found = targetOf(target);
  if (found[0] === 'global') return true;
  if (found[0] === 'pattern') return uses.some((name) => patternReaches(found[1], name, who.literalNames));
  if (!uses.includes(databaseOf(found) ?? '')) return false;
  const tables = found[0] === 'database' ? null : who.tablesOf(made);
  return tables === null || tables.some(({ database, name }) => database === found[1] && name.toLowerCase() === found[2]?.toLowerCase());
}

interface Less {
  readonly target: string;
  readonly privileges: string;
  /** Of a pattern: what of it goes, and in which databases. */
  readonly detail?: string;
  readonly there?: readonly string[];
}

/** What somebody can do no longer in a database because another row is the one that counts there. */
function shadowed(key: string, places: ReadonlyMap<string, OnDatabase>, told: readonly Less[], tables: GrantTables): readonly Less[] {
  const rights = tables.of(key);
  return [...places].flatMap(([name, before]): readonly Less[] => {
    const target = keyOf(['database', name]);
    const known = new Set(told.flatMap((one) => (one.target === target || one.there?.includes(name) ? listOf(one.privileges) : [])));
    const less = lessIn(before, tables.onDatabase(key, name), rights, name).filter((one) => !known.has(one));
    return less.length === 0 ? [] : [{ target, privileges: textOf(less) }];
  });
}

/** What is less in several ways, said once: with all that goes. */
function byTarget(less: readonly Less[]): readonly Less[] {
  return [...Map.groupBy(less, ({ target }) => target).values()].flatMap((all) => {
    const privileges = textOf([...new Set(all.flatMap((one) => listOf(one.privileges)))]);
    const [widest] = all.toSorted((a, b) => (b.there?.length ?? 0) - (a.there?.length ?? 0));
    return widest ? [{ ...widest, privileges }] : [];
  });
}

interface How {
  readonly tables: GrantTables;
  /** Databases that a pattern opened. */
  readonly opened: ReadonlyMap<string, readonly string[]>;
  /** A pattern of its own is about what will be called so as well; one of an app is as good as the databases that are there. */
  readonly isStranger: boolean;
}

function lessOf(before: Rights, after: Rights, { tables, opened, isStranger }: How): readonly Less[] {
  const less = [...before.on].flatMap(([target, privileges]): readonly Less[] => {
    const gone = [...privileges].filter((one) => !tables.covers(after, target, one));
    if (gone.length === 0) return [];
    if (targetOf(target)[0] !== 'pattern') return [{ target, privileges: textOf(gone) }];
    const there = tables.missing(after, opened.get(target) ?? [], gone);
    // With grants by name only a name can be granted on: `_` in it has to be escaped.
    const more = gone.includes('GRANT OPTION') ? ['grants to others on patterns'] : [];
    const detail = ` (${[...there, 'what is made later under such a name', ...more].join(', ')})`;
    return there.length === 0 && !isStranger ? [] : [{ target, privileges: textOf(gone), detail, there }];
  });
  // A right on everything that is still there may leave out a database that it did not leave out before.
  const narrower = [...after.but].flatMap(([privilege, databases]) => {
    if (before.on.get(GLOBAL)?.has(privilege) !== true) return [];
    const out = [...databases].filter((name) => before.but.get(privilege)?.has(name) !== true).map((name) => keyOf(['database', name]));
    return out.filter((target) => !tables.covers(after, target, privilege)).map((target) => ({ target, privileges: privilege }));
  });
  return [...less, ...narrower];
}

interface Around {
  readonly input: Pick<Input, 'name' | 'operators' | 'known'>;
  /** Open sessions by user. */
  readonly sessions: ReadonlyMap<string, number>;
  /** The operator of this very run. */
  readonly admin: string;
  readonly literalNames: boolean;
}

/** Everybody on the server, as people know them. */
export class Who {
  readonly #holders: ReadonlyMap<string, Holder>;
  readonly #made: readonly Made[];
  readonly #byDefiner: ReadonlyMap<string, readonly Made[]>;
  readonly #around: Around;
  readonly literalNames: boolean;

  constructor(census: Census, around: Around) {
    this.#holders = new Map(census.accounts.map((one) => [one.key, one]));
    this.#made = census.made;
    this.#byDefiner = Map.groupBy(
      census.made.filter(({ asDefiner }) => asDefiner),
      ({ definer }) => definer,
    );
    this.#around = around;
    this.literalNames = around.literalNames;
  }

  /** The operator of this very run, and what the server keeps for itself. */
  isSystem(key: string): boolean {
    const holder = this.#holders.get(key);
    return holder === undefined || key === this.#around.admin || isServersUser(holder.user) || (holder.isRole && holder.user === 'PUBLIC');
  }

  /** Somebody who is there and of no app of this project. */
  appOf(key: string): string | null {
    return this.#holders.get(key)?.of ?? null;
  }

  isStranger(key: string): boolean {
    return !this.isSystem(key) && this.#holders.get(key)?.of === null;
  }

  madeBy(key: string): readonly Made[] {
    return this.#byDefiner.get(key) ?? [];
  }

  /** Of a view over nothing but tables: all that it touches. null: it may touch more than it names. */
  tablesOf({ what, within, mentions, needless }: Made): readonly Mention[] | null {
    const all = [...within, ...mentions];
    const isTable = ({ database, name }: Mention): boolean =>
      !this.#made.some((one) => one.database === database && one.name.toLowerCase() === name.toLowerCase());
    return what === 'VIEW' && needless.length > 0 && all.every(isTable) ? all : null;
  }

  madeIn(database: string): readonly Made[] {
    return this.#made.filter((one) => one.database === database);
  }

  /** Who can use an object that runs as its definer: everybody with the right on it, the definer too; where there is nobody, its definer. */
  usersOf(made: Made, tables: GrantTables): readonly string[] {
    const users = tables.keys.filter(
      (key) =>
        !this.isSystem(key) && tables.canLogIn(key) && !tables.isDropped(made.database) && mayUse(tables.of(key), made, this.literalNames),
    );
    return users.length > 0 ? users : [made.definer];
  }

  /** `ofRights`: what the manifest knows by its name is not taken from it, and open sessions keep it. `besides`: more goes than databases with all that lies in them, which is agreed to by the name of their app. */
  loss(key: string, what: readonly string[], { ofRights, besides }: { readonly ofRights: boolean; readonly besides: boolean }): Loss {
    const holder = this.#holders.get(key);
    const user = holder?.user ?? key;
    const { input, sessions } = this.#around;
    const { of, ...asked } = holder ? whoseLoss(input, holder, this.#around.admin) : { of: null };
    const withApp = !besides && holder?.of === null && isOfOperators(input, holder);
    return {
      who: key,
      of,
      ...(withApp ? {} : asked),
      what,
      sessions: sessions.get(user) ?? 0,
      keep: of === null && ofRights ? `known: [{ user: ${JSON.stringify(key)}, on: ${input.name}, why: … }]` : null,
      ...(ofRights ? { lingers: true as const } : {}),
    };
  }
}
