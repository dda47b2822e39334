import { type StepDraft, draftStep } from '../../../engine/index.ts';
import type { Loss, Command } from '../../../model/index.ts';
import { type Context, factsOf } from '../steps/draft-steps.ts';
import { role } from '../kinds/role.ts';
import { peopleOf } from '../effective/people.ts';
import { ident, roles } from '../quote.ts';
import { Bereaved } from './losses.ts';
import { acceptedLogins, closedRole, isRetired, kindOfRetired, type Retired, type RetiredSpec } from './retired-spec.ts';
import { endRoles, endStrangers } from '../steps/sessions.ts';
import { isKind, type RoleSpec } from '../spec.ts';
import { laneOf, SHARED } from '../connect/lanes.ts';

interface Both {
  readonly commands: readonly Command[];
  readonly reverse: readonly Command[];
}

/** The commands that close a role, and those that open it again. */
export function closing(name: string, spec: RoleSpec, own: ReadonlySet<string>, context: Context): Both {
  const to = closedRole(spec, (name) => own.has(name), acceptedLogins(context.input));
  const back = role.statements(name, to, spec, factsOf(context));
  return { commands: role.statements(name, spec, to, factsOf(context)).revokes, reverse: [...back.grants, ...back.revokes] };
}

/** What others could read in a schema they cannot read in a retired one, nor the large objects of its app. */
export function expelling(schema: string, { guests, largeObjects }: Pick<RetiredSpec, 'guests' | 'largeObjects'>): readonly Command[] {
  const objects = largeObjects
    ? [{ text: `REVOKE ALL ON LARGE OBJECT ${largeObjects.numbers.join(', ')} FROM ${roles(largeObjects.guests)} CASCADE` }]
    : [];
  if (guests.length === 0) return objects;
  const named = guests.filter((guest) => guest !== '');
  const revoke = (what: string, from: readonly string[]): Command => ({
    text: `REVOKE ALL ON ${what} ${ident(schema)} FROM ${roles(from)} CASCADE`,
  });
  return [
    ...['SCHEMA', 'ALL TABLES IN SCHEMA', 'ALL SEQUENCES IN SCHEMA'].map((what) => revoke(what, guests)),
    ...(named.length === 0 ? [] : [revoke('ALL ROUTINES IN SCHEMA', named)]),
    ...objects,
  ];
}

export function withoutObjects(bereaved: Bereaved, database: string, { largeObjects }: Pick<RetiredSpec, 'largeObjects'>): readonly Loss[] {
  if (!largeObjects) return [];
  return bereaved.without(database, largeObjects.guests, `read large object ${largeObjects.numbers.join(', ')} of database "${database}"`);
}

/** Nobody enters a retired database by a right that was given by name. */
export function shutting(database: string, guests: readonly string[], connecting: readonly string[]): readonly Command[] {
  const on = `ON DATABASE ${ident(database)} FROM`;
  return [
    ...(guests.length > 0 ? [{ text: `REVOKE ALL ${on} ${roles(guests)} CASCADE` }] : []),
    ...(connecting.length > 0 ? [{ text: `REVOKE CONNECT ${on} ${roles(connecting)}` }] : []),
  ];
}

/** What is retired stays closed: what somebody opened by hand is shown, and closed again. */
export function closeAgain(context: Context): readonly StepDraft[] {
  const all = context.observation.resources.filter((one): one is Retired => isRetired(one) && one.owned);
  const byApp = Map.groupBy(all, (one) => one.app ?? '');
  return [...byApp].flatMap(([app, parts]) => {
    const own = ownRoles(app, context);
    const drafts = parts.flatMap((one) => closePart(one, app, own, context));
    const opened = parts.filter(
      (one) => kindOfRetired(one)[0] === 'role' && drafts.some(({ address }) => address.name === one.address.name),
    );
    // Of those who lose the way in, as the plan says: nobody else is thrown out.
    const databases = drafts.flatMap(({ address, losses: told = [] }) =>
      address.name.startsWith('database/') && told.length > 0
        ? [{ name: address.name.slice('database/'.length), logins: told.map(({ who }) => who) }]
        : [],
    );
    const ended = [
      ...(opened.length > 0 ? [endRoles(opened.map((one) => kindOfRetired(one)[1]))] : []),
      ...databases.map(({ name, logins }) => endStrangers(name, logins)),
    ];
    const [first] = drafts;
    if (!first || ended.length === 0) return drafts;
    const address = { ...first.address, kind: 'sessions', name: app };
    const ids = drafts.map(({ id }) => id);
    return [
      ...drafts,
      part({
        address,
        app,
        name: 'retired',
        title: 'end sessions that use revoked access',
        facts: { of: app },
        commands: ended,
        needs: ids,
      }),
    ];
  });
}

/** All roles of the app, whenever they were retired. */
export function ownRoles(app: string, { observation }: Context): ReadonlySet<string> {
  return new Set(
    observation.resources.flatMap((one) => {
      if (one.app !== app || !one.owned) return [];
      if (isKind(one, 'role')) return [one.address.name];
      return isRetired(one) && kindOfRetired(one)[0] === 'role' ? [kindOfRetired(one)[1]] : [];
    }),
  );
}

/** Whoever opened it comes in by it. */
function loggedIn(who: string, of: string, { observation }: Context): Loss {
  return { who, of, what: ['log in'], sessions: peopleOf(observation)?.sessions(who) ?? 0, keep: null };
}

function closePart(one: Retired, app: string, own: ReadonlySet<string>, context: Context): readonly StepDraft[] {
  const [kind, name, database] = kindOfRetired(one);
  const { role: spec, guests, connecting } = one.spec;
  const put = (commands: readonly Command[], losses: readonly Loss[], lane = SHARED): readonly StepDraft[] => {
    if (commands.length === 0) return [];
    const facts = { app, name: one.spec.was };
    return [
      part({ address: one.address, app, name: 'close', title: `close retired ${kind} that was opened`, facts, commands, losses, lane }),
    ];
  };
  if (spec !== null) {
    const role = { ...one, address: { ...one.address, kind: 'role', name }, spec };
    return put(closing(name, spec, own, context).commands, [
      ...(spec.login ? [loggedIn(name, app, context)] : []),
      ...new Bereaved(app, [role], own, context).closing(new Map()),
    ]);
  }
  const bereaved = new Bereaved(app, [], own, context);
  if (kind === 'database') {
    const keeping = guests.length === 0 ? [] : bereaved.keeping(name, guests);
    const kept = keeping.length === 0 ? [] : [{ text: `GRANT CONNECT ON DATABASE ${ident(name)} TO ${roles(keeping)}` }];
    return put([...kept, ...shutting(name, guests, connecting)], bereaved.closing(new Map([[name, guests]])));
  }
  const losses = [
    ...bereaved.without(database, guests, `read schema "${name}" of database "${database}"`),
    ...withoutObjects(bereaved, database, one.spec),
  ];
  return put(expelling(name, one.spec), losses, laneOf(database));
}

interface Part {
  readonly address: StepDraft['address'];
  readonly app: string;
  readonly name: string;
  readonly title: string;
  readonly facts: StepDraft['facts'];
  readonly commands: readonly Command[];
  readonly losses?: readonly Loss[];
  readonly needs?: readonly string[];
  readonly lane?: string;
}

function part({ name, lane = SHARED, ...rest }: Part): StepDraft {
  return draftStep({ ...rest, part: name, action: 'update', risk: 'access-reducing', cause: 'drift', lane, unit: `close:${rest.app}` });
}
