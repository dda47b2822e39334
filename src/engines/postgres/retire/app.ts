import { type StepDraft, draftStep } from '../../../engine/index.ts';
import type { Loss, Observed, Command } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import type { Context } from '../steps/draft-steps.ts';
import { isAbout } from '../effective/named.ts';
import { usualRoles } from '../names.ts';
import { partOf } from '../part-name.ts';
import { ident, roles } from '../quote.ts';
import { closing, expelling, ownRoles, shutting, withoutObjects } from './close.ts';
import { endHolders, heldOf, guardDatabases, guardSchema, holderLosses, waitsFor } from './hold.ts';
import { heldDatabases } from './judge.ts';
import { Bereaved } from './losses.ts';
import { freeName, passwordLost, renaming } from './rename.ts';
import { isShareRole } from './shares.ts';
import { acceptedLogins, type StraySpec } from './retired-spec.ts';
import { endRoles } from '../steps/sessions.ts';
import { type DatabaseSpec, isKind, type RoleSpec } from '../spec.ts';
import { laneOf, SHARED } from '../connect/lanes.ts';

interface Part {
  readonly part: string;
  readonly kind: string;
  readonly name: string;
  readonly title: string;
  readonly commands: readonly Command[];
  readonly reverse: readonly Command[];
  readonly unit: string | null;
  readonly lane?: string;
  readonly losses?: readonly Loss[];
  readonly facts?: StepDraft['facts'];
  /** Roles that it takes something from. */
  readonly names?: readonly string[];
  /** True for what takes the shared objects' names. */
  readonly renames?: true;
}

/**
 * Closes each app, ends its sessions, and gives everything of it a name with the day in it. All are closed before the first
 * gets another name: what one has a right on may be another's.
 */
export function retireApps(apps: readonly string[], drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  // One that somebody is at work in stays as it is, whole: the plan says who.
  const free = apps.filter((app) => waitsFor(app, context).length === 0);
  const all = free.map((app) => ({ app, parts: partsOf(app, context).filter((one) => one.commands.length > 0) }));
  const last = new Map<string, string>();
  const out: StepDraft[] = [];
  const base = { engine: 'postgres', instance: context.input.name } as const;
  const put = (app: string, one: Part, more: readonly string[]): void => {
    const { part, kind, name, lane = SHARED, facts = {}, names = [], ...rest } = one;
    const before = last.get(app);
    const draft = draftStep({
      ...rest,
      address: { ...base, kind, name },
      touches: names.filter((role) => role !== '').map((role) => ({ ...base, kind: 'role', name: role })),
      app,
      part,
      action: 'update',
      facts: { app, ...facts, restore: `cotenant restore-app ${app}` },
      risk: 'access-reducing',
      needs: [...(before === undefined ? namedBefore(app, drafts, context) : [before]), ...more],
      lane,
    });
    out.push(draft);
    last.set(app, draft.id);
  };
  for (const { app, parts } of all) for (const one of parts.filter((part) => !part.renames)) put(app, one, []);
  for (const { app, parts } of all) {
    const own = [...ownRoles(app, context)];
    // Only what names it: one that fails leaves the others alone.
    const before = out.filter((draft) => draft.lane !== SHARED && own.some((name) => isAbout(draft, 'role', name)));
    for (const one of parts.filter((part) => part.renames)) {
      put(
        app,
        one,
        before.map(({ id }) => id),
      );
    }
  }
  return out;
}

/** What is taken from the app's roles, or done in its database, is done while they have their names. */
function namedBefore(app: string, drafts: readonly StepDraft[], { observation }: Context): readonly string[] {
  const mine = observation.resources.filter(
    ({ app: of, owned, address: { kind } }) => of === app && owned && (kind === 'role' || kind === 'database'),
  );
  return drafts.filter((draft) => mine.some(({ address: { kind, name } }) => isAbout(draft, kind, name))).map((draft) => draft.id);
}

function partsOf(app: string, context: Context): readonly Part[] {
  const mine = context.observation.resources.filter((one) => one.app === app && one.owned);
  const mineRoles = mine.filter((one): one is Observed<RoleSpec> => isKind(one, 'role'));
  const held = heldDatabases(app, context);
  const logins = mineRoles.map((one) => one.address.name);
  const unusual = logins.filter((name) => !usualRoles(app).includes(name));
  const databases = mine.filter((one): one is Observed<DatabaseSpec> => isKind(one, 'database'));
  const schemas = mine.filter((one): one is Observed<StraySpec> => one.address.kind === 'stray-schema');
  const ended = logins.length > 0 ? [endRoles(logins)] : [];
  const own = ownRoles(app, context);
  const bereaved = new Bereaved(app, mineRoles, own, context);
  const guests = new Map(databases.map(({ address: { name }, spec }) => [name, guestsOf(spec.acl, own, context)]));
  const moving = databases.filter(({ address: { name } }) => !held.has(name));
  const names = moving.map(({ address: { name } }) => name);
  const closes = closingAll(mineRoles, databases, { own, guests, bereaved }, context);
  return [
    // First of all: where somebody is at work nothing of the app is done.
    ...(closes.commands.length === 0 ? [] : schemas.map((one) => lookPart(one.address.name, app, [...own], context))),
    {
      part: 'retire',
      kind: 'app',
      name: app,
      title: 'close app that left the manifest',
      ...closes,
      commands: closes.commands.length === 0 ? [] : [...guardDatabases(app, names, [...own], context), ...closes.commands],
      losses: bereaved.closing(guests),
      unit: `retire:${app}`,
    },
    { part: 'retire', kind: 'sessions', name: app, title: 'end its sessions', commands: ended, reverse: [], unit: null },
    ...schemas.map((one) => schemaPart(one, { app, bereaved, own: [...own] }, context)),
    {
      part: 'rename',
      kind: 'app',
      name: app,
      title: 'retire roles',
      ...all(
        mineRoles.map(({ address: { name }, spec }) =>
          renaming('ROLE', name, freeName('ROLE', name, '', context), { app, spec, text: spec.text, roles: unusual }, context),
        ),
      ),
      losses: mineRoles.flatMap(({ address: { name }, spec }) => [
        ...bereaved.roleRenamed(name, spec, `renamed to "${freeName('ROLE', name, '', context)}"`),
        ...passwordLost(name, app, spec),
      ]),
      unit: `retire-names:${app}`,
      renames: true,
    },
    // Stays open to the operator, who may want to look or to dump. One that something holds gets its name with a later apply.
    ...moving.map((one) => databasePart(one, guests.get(one.address.name) ?? [], { app, bereaved }, context)),
  ];
}

function lookPart(name: string, app: string, own: readonly string[], context: Context): Part {
  const [database, plain] = partOf(name);
  const commands = guardSchema(app, plain, own, context);
  return {
    part: 'look',
    kind: 'schema',
    name,
    title: 'check who is using the schema',
    names: own,
    commands,
    reverse: [],
    unit: null,
    lane: laneOf(database),
  };
}

interface Leaver {
  readonly app: string;
  readonly bereaved: Bereaved;
}

function schemaPart(
  { address: { name }, spec }: Observed<StraySpec>,
  { app, bereaved, own }: Leaver & { readonly own: readonly string[] },
  context: Context,
): Part {
  const [database, plain] = partOf(name);
  const next = freeName('SCHEMA', plain, database, context);
  const { commands, reverse } = renaming('SCHEMA', plain, next, { app, text: spec.text }, context);
  return {
    part: 'retire',
    kind: 'schema',
    name,
    title: 'retire schema',
    names: [...spec.guests, ...own],
    commands: [...guardSchema(app, plain, own, context), ...expelling(plain, spec), ...commands],
    losses: [
      ...withoutObjects(bereaved, database, spec),
      ...bereaved.without(database, spec.guests, `read schema "${plain}" of database "${database}"`),
      ...bereaved.schemaRenamed(database, plain, next),
      ...bereaved.carried(database, plain, spec.guests),
      ...holderLosses(app, database, plain, `what it does now with schema "${plain}" of database "${database}"`, context),
    ],
    reverse,
    unit: `retire:${app}`,
    lane: laneOf(database),
  };
}

function databasePart(
  { address: { name }, spec: { text } }: Observed<DatabaseSpec>,
  guests: readonly string[],
  { app, bereaved }: Leaver,
  context: Context,
): Part {
  const next = freeName('DATABASE', name, '', context);
  const { commands, reverse } = renaming('DATABASE', name, next, { app, text }, context);
  return {
    part: 'retire',
    kind: 'database',
    name,
    title: 'retire database',
    facts: slotsOf(app, name, context),
    commands: [...endHolders(app, name, context), ...commands],
    reverse,
    losses: [
      ...bereaved.renamed(name, guests, `renamed to "${next}"`),
      ...holderLosses(app, name, null, `the sessions that are open in database "${name}"`, context),
    ],
    unit: `retire-database:${name}`,
    renames: true,
  };
}

type Both = Pick<Part, 'commands' | 'reverse'>;

interface Doors {
  readonly own: ReadonlySet<string>;
  /** Who else is named in the access list of each database. */
  readonly guests: ReadonlyMap<string, readonly string[]>;
  readonly bereaved: Bereaved;
}

/** Everything that lets the app's roles in, or anybody else into what is the app's. */
function closingAll(
  held: readonly Observed<RoleSpec>[],
  databases: readonly Observed<DatabaseSpec>[],
  { own, guests, bereaved }: Doors,
  context: Context,
): Both {
  const closed = all(held.map((one) => closing(one.address.name, one.spec, own, context)));
  const shut = databases.flatMap(({ address: { name }, spec }) => {
    // Once its roles are put aside, only what was given since.
    const names = held.length > 0 ? [...own] : [...own].filter((role) => lookUp(spec.acl, role)?.includes('c'));
    const others = guests.get(name) ?? [];
    const keeping = bereaved.keeping(name, others);
    const kept = keeping.length === 0 ? [] : [{ text: `GRANT CONNECT ON DATABASE ${ident(name)} TO ${roles(keeping)}` }];
    return [...kept, ...shutting(name, others, names)];
  });
  return { commands: [...closed.commands, ...shut], reverse: closed.reverse };
}

/** Others who are named in the access list of a database of the app. Roles of shares lose that with their share. */
function guestsOf(acl: DatabaseSpec['acl'], own: ReadonlySet<string>, { observation, input }: Context): readonly string[] {
  const shares = new Set(observation.resources.flatMap((one) => (isShareRole(one) ? [one.address.name] : [])));
  const accepted = acceptedLogins(input);
  return Object.keys(acl).filter((name) => !own.has(name) && !shares.has(name) && !accepted.has(name));
}

/** Whoever reads from a replication slot of it has to name the database anew. */
function slotsOf(app: string, database: string, context: Context): StepDraft['facts'] {
  const slots = (heldOf(app, context)?.slots ?? []).filter(([, of]) => of === database).map(([slot]) => slot);
  return slots.length === 0 ? {} : { 'replication slots': slots.join(', ') };
}

function all(parts: readonly Both[]): Both {
  return { commands: parts.flatMap((one) => one.commands), reverse: parts.flatMap((one) => one.reverse) };
}
