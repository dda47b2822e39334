import { isDeepStrictEqual } from 'node:util';
import { addressOf, type Change, type StepDraft } from '../../../engine/index.ts';
import { type Address, addressKey } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { byText } from '../../../util/text-order.ts';
import { readDefaultKey } from '../observe/default-key.ts';
import { isKind, type RoleSpec } from '../spec.ts';
import { databaseOf } from '../connect/lanes.ts';
import type { Context } from '../steps/draft-steps.ts';

/** What notes the names of logins as data: they need not be there for that. */
const NOTED = new Set(['row-guard']);

/** The steps with what they touch: the database that they work in, and the roles of which their change speaks, as data. */
export function withTouched(drafts: readonly StepDraft[], changes: readonly Change[], { observation }: Context): readonly StepDraft[] {
  const there = rolesAmong(observation.resources);
  const coming = rolesAmong(changes.flatMap(({ desired }) => desired ?? []));
  const byAddress = new Map(changes.map((change) => [addressKey(addressOf(change)), change]));
  const known = new Map<string, readonly string[]>();
  return drafts.map((draft) => {
    const { engine, instance, kind, name: own } = draft.address;
    const key = addressKey(draft.address);
    const change = byAddress.get(key);
    const names =
      known.get(key) ??
      (change ? [...namesOf(change)].filter((name) => there.has(name) || (coming.has(name) && !NOTED.has(kind))).sort(byText) : []);
    known.set(key, names);
    const of = (other: string, name: string): readonly Address[] =>
      other === kind && name === own ? [] : [{ engine, instance, kind: other, name }];
    const database = databaseOf(draft.lane);
    const more = [...(database === null ? [] : of('database', database)), ...names.flatMap((name) => of('role', name))];
    const touches = [...(draft.touches ?? []), ...more];
    return touches.length === 0 ? draft : { ...draft, touches };
  });
}

function rolesAmong(resources: readonly { readonly address: Address }[]): ReadonlySet<string> {
  return new Set(resources.flatMap(({ address: { kind, name } }) => (kind === 'role' ? [name] : [])));
}

/** True where a step is about an object, or touches it. */
export function isAbout({ address, touches = [] }: StepDraft, kind: string, name: string): boolean {
  return [address, ...touches].some((one) => one.kind === kind && one.name === name);
}

function namesOf({ desired, observed }: Change): ReadonlySet<string> {
  const out = new Set<string>();
  if (desired && isKind(desired, 'role') && (!observed || isKind(observed, 'role')))
    compare(relations(desired.spec, observed?.spec), relations(observed?.spec, desired.spec), out);
  else compare(desired?.spec, observed?.spec, out);
  const { kind, name } = (desired ?? observed)?.address ?? {};
  if (kind === 'role' && name !== undefined) out.add(name);
  if (kind !== 'default-privileges') return out;
  return new Set([...out, ...[...out].map((key) => readDefaultKey(key).creator)]);
}

/** Of a role: who is in it and what it is in. Who gave that, and what rests on it, counts where it changes. */
function relations(spec: RoleSpec | undefined, other: RoleSpec | undefined): unknown {
  if (!spec) return null;
  const { memberOf, outsiders, parameterHeirs, grantors, heirs } = spec;
  const peers = [...new Set([...Object.keys(memberOf), ...Object.keys(other?.memberOf ?? {}), ...outsiders])].filter(
    (peer) => lookUp(memberOf, peer) !== lookUp(other?.memberOf ?? {}, peer) || outsiders.includes(peer),
  );
  return { memberOf, outsiders, parameterHeirs, with: peers.map((peer) => [lookUp(grantors, peer), lookUp(heirs ?? {}, peer)]) };
}

function compare(a: unknown, b: unknown, out: Set<string>): void {
  if (isDeepStrictEqual(a, b)) return;
  if (Array.isArray(a) && Array.isArray(b)) {
    const only = (list: readonly unknown[], other: readonly unknown[]): readonly unknown[] =>
      list.filter((one) => !other.some((it) => isDeepStrictEqual(one, it)));
    collect([...only(a, b), ...only(b, a)], out);
  } else if (isRecord(a) && isRecord(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const [one, other] = [lookUp(a, key), lookUp(b, key)];
      if (isDeepStrictEqual(one, other)) continue;
      out.add(key);
      compare(one, other, out);
    }
  } else {
    collect(a, out);
    collect(b, out);
  }
}

function collect(value: unknown, out: Set<string>): void {
  if (typeof value === 'string') out.add(value);
  else if (Array.isArray(value)) for (const one of value) collect(one, out);
  else if (isRecord(value)) {
    for (const [key, one] of Object.entries(value)) {
      out.add(key);
      collect(one, out);
    }
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
