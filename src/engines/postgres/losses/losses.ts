import { type Change, type StepDraft, addressOf } from '../../../engine/index.ts';
import { addressKey, type Loss, type Command } from '../../../model/index.ts';
import { compile } from '../compile/compile.ts';
import { type Context, factsOf } from '../steps/draft-steps.ts';
import { type People, peopleOf } from '../effective/people.ts';
import { Shift } from '../effective/shift.ts';
import { keepingEntry, knownEntries } from './keep.ts';
import { oursOf } from '../steps/foreign.ts';
import { adoptedTaken } from './adopted.ts';
import { type Around, insideTaken } from './inside.ts';
import { databaseTaken, doorLosers, perimeterTaken } from './databases.ts';
import { linkedTaken, passwordTaken } from './links.ts';
import { carriedTaken } from './carriers.ts';
import { roleTaken } from './roles.ts';
import { shareTaken } from './shares.ts';
import type { Taken } from './taken.ts';
import { byKey } from '../../../util/text-order.ts';

/** Says in each step who can do less after it; what known logins and operators would lose through a wall for everybody is granted to them before. */
export function withLosses(drafts: readonly StepDraft[], changes: readonly Change[], context: Context): readonly StepDraft[] {
  const people = peopleOf(context.observation);
  if (people === null || !drafts.some(({ action }) => action !== 'create')) return drafts;
  const shift = new Shift(people, changes);
  const byAddress = new Map(changes.map((change) => [addressKey(addressOf(change)), change]));
  const names = namesOf(context);
  const around: Around = { shift, context, losesDoor: doorsOf(changes, shift, context) };
  // A role has a step that gives and one that takes: what it loses stands in the last one.
  const last = new Map(drafts.map(({ address, id }) => [addressKey(address), id]));
  const carried = carriedTaken(changes, new Set(last.keys()), around);
  const more = new Set<string>();
  const keepers = new Map<string, Set<string>>();
  const told = drafts.map((draft) => {
    const key = addressKey(draft.address);
    const change = byAddress.get(key);
    const taken =
      last.get(key) === draft.id ? withLinks([...takenBy(draft, change, around), ...(carried.get(key) ?? [])], change, shift) : [];
    const grants = taken.flatMap(({ grant }) => grant ?? []);
    for (const { login, kind, grant, operators, keeper, beyond } of taken)
      if (keeper !== undefined && keeper !== login) keepers.set(login, (keepers.get(login) ?? new Set()).add(keeper));
      else if (beyond || (grant === undefined && kind !== 'connect' && operators !== true)) more.add(login);
    const losses = lossesFor(taken, names, people, context);
    if (grants.length + losses.length === 0) return draft;
    return {
      ...draft,
      commands: [...grants.map((text): Command => ({ text })), ...draft.commands],
      ...(losses.length === 0 ? {} : { losses: [...(draft.losses ?? []), ...losses] }),
    };
  });
  return keepingAll(told, { more, keepers, ours: oursOf(context.observation) }, context);
}

interface Keeping {
  /** Those for whom the words of an operator do not say it. */
  readonly more: ReadonlySet<string>;
  /** With whose rights runs what each of them uses. */
  readonly keepers: ReadonlyMap<string, ReadonlySet<string>>;
  /** Roles of the apps, which no entry keeps. */
  readonly ours: ReadonlySet<string>;
}

/** One entry for each login, which keeps all that it would lose. */
function keepingAll(drafts: readonly StepDraft[], { more, keepers, ours }: Keeping, { input }: Context): readonly StepDraft[] {
  const kept = (loss: Loss): Loss => {
    const owners = [...(keepers.get(loss.who) ?? [])].filter((owner) => !ours.has(owner)).sort();
    const own = loss.of === null && (more.has(loss.who) || owners.length === 0) ? [loss.who] : [];
    if (owners.length === 0 && (loss.keep === null || !more.has(loss.who))) return loss;
    return { ...loss, keep: own.length + owners.length === 0 ? null : knownEntries([...own, ...owners], input.name) };
  };
  return drafts.map((draft) => (draft.losses ? { ...draft, losses: draft.losses.map(kept) } : draft));
}

const INSIDE: ReadonlySet<string> = new Set(['schema', 'objects', 'default-privileges', 'builtin', 'row-guard']);

/** Who cannot come into which database any more, worked out once for each. */
function doorsOf(changes: readonly Change[], shift: Shift, context: Context): Around['losesDoor'] {
  const losers = new Map<string, ReadonlySet<string>>();
  return (login, database) => {
    const change = changes.find((one) => addressOf(one).kind === 'database' && addressOf(one).name === database);
    const known = losers.get(database) ?? new Set(change ? doorLosers(databaseTaken(change, shift, context)) : []);
    losers.set(database, known);
    return known.has(login) || shift.closes(login, database);
  };
}

function takenBy(draft: StepDraft, change: Change | undefined, around: Around): readonly Taken[] {
  const { shift, context } = around;
  if (draft.action === 'create' || draft.address.kind === 'sessions') return [];
  if (draft.address.kind === 'perimeter') return perimeterTaken(draft.address.name, shift, context);
  if (!change?.observed) return [];
  if (draft.address.kind === 'database') return databaseTaken(change, shift, context);
  if (draft.address.kind === 'role') return [...roleTaken(change, shift, context), ...adoptedTaken(change, shift)];
  if (draft.address.kind === 'share' || draft.address.kind === 'left-share') return shareTaken(change, shift);
  return INSIDE.has(draft.address.kind) ? insideTaken(change, around) : [];
}

/** Those who come in as somebody else lose it with that one. */
function withLinks(taken: readonly Taken[], change: Change | undefined, shift: Shift): readonly Taken[] {
  return [...taken, ...linkedTaken(taken, shift), ...(change === undefined ? [] : passwordTaken(change, shift))];
}

/** One loss for each login, in the order of their names. */
export function lossesFor(taken: readonly Taken[], names: ReadonlyMap<string, string>, people: People, context: Context): readonly Loss[] {
  const admin = factsOf(context).user;
  const byLogin = Map.groupBy(
    taken.filter(({ grant, login, what }) => grant === undefined && login !== admin && what.length > 0),
    ({ login }) => login,
  );
  return [...byLogin].sort(byKey).map(([who, all]): Loss => {
    const of = names.get(who) ?? null;
    return {
      who,
      of,
      what: [...new Set(all.flatMap(({ what }) => what))],
      sessions: people.sessions(who, all.every(({ database }) => database === all[0]?.database) ? all[0]?.database : undefined),
      keep: of === null ? keepingEntry(who, people, context.input) : null,
      ...(of !== null && asksFor(who, all, context) ? { confirm: who } : {}),
      ...(all.some(({ door }) => door === 'own') ? { lingers: true as const } : {}),
    };
  });
}

/**
 * That the manifest names a login agrees to nothing: what is not kept for it is asked for by its own name. An operator keeps
 * its words, whatever goes, and both keep what they have on what gets another name.
 */
function asksFor(login: string, all: readonly Taken[], { input }: Context): boolean {
  if (all.some(({ anyway }) => anyway)) return true;
  const lost = all.filter(({ renamed }) => renamed !== true);
  if (input.known.some(({ user }) => user === login)) return lost.length > 0;
  return input.operators.some(({ name }) => name === login) && lost.some(({ byWords }) => byWords !== true);
}

/** Whose login each one is that the manifest names, or that it named until now. */
export function namesOf({ input, observation }: Context): ReadonlyMap<string, string> {
  const roles = [...observation.resources.filter(({ owned }) => owned), ...compile(input).resources].filter(
    ({ address }) => address.kind === 'role',
  );
  return new Map([
    ...roles.map(({ address, app }) => [address.name, app ?? address.name] as const),
    ...input.operators.map(({ name }) => [name, name] as const),
    ...input.known.map(({ user }) => [user, user] as const),
  ]);
}
