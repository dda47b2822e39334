import { z } from 'zod';
import type { Observation } from '../../../engine/index.ts';
import type { FieldChange, Risk, Command } from '../../../model/index.ts';
import { oncePer } from '../../../util/once.ts';
import { lookUp } from '../../../util/record.ts';
import { type Acl, aclDelta, type AclMove, grantText, revokeText } from '../acl.ts';
import { aclOf, type Chain, regrants } from '../effective/grants.ts';
import { ident } from '../quote.ts';

const factsSchema = z.object({
  user: z.string(),
  superuser: z.boolean(),
  /** As `180004`, and in words. */
  version: z.number(),
  release: z.string(),
  maxConnections: z.number(),
  reservedConnections: z.number(),
  /** Where the server can be reached, as it says itself: its port, its listen_addresses. */
  port: z.number(),
  listens: z.string(),
  deniedSettings: z.array(z.string()),
});

/** What the server is and what its admin may do, from the observation. */
export interface Facts extends Omit<z.infer<typeof factsSchema>, 'deniedSettings'> {
  /** Settings that the manifest asks for and that this admin may not give to a role. */
  readonly denied: ReadonlySet<string>;
}

export const factsOf = oncePer((server: Observation['server']): Facts => {
  const { deniedSettings, ...facts } = factsSchema.parse(server);
  return { ...facts, denied: new Set(deniedSettings) };
});

/** The statements of one change, in the two halves in which they are sent: first what gives, at the end what takes. */
export interface Moves {
  readonly give: readonly Command[];
  readonly take: readonly Command[];
  /** Sent after the giving half, one by one: what a single message would put into the server's log. */
  readonly alone?: readonly Command[];
  /** Risk of the giving half, where it is not `safe`. */
  readonly risk?: Risk;
}

/** How one kind of resource is compared and changed. Pure. */
export interface Kind<Spec> {
  /** [] means in sync. */
  diff(desired: Spec, observed: Spec, facts: Facts, name: string): readonly FieldChange[];
  /** From what is there (null: nothing) to what is wanted. */
  moves(name: string, from: Spec | null, to: Spec, facts: Facts): Moves;
  /** False where `moves` cannot be read backwards. */
  readonly reversible: boolean;
}

export function field(name: string, from: FieldChange['from'], to: FieldChange['to']): FieldChange {
  return { field: name, from, to };
}

export function sql(text: string, params?: Command['secrets']): Command {
  return params ? { text, secrets: params } : { text };
}

/** GRANT and REVOKE from one access list to another. `on` as `DATABASE "x"`; `chain`: who gave what, where that matters. */
export function accessMoves(on: string, from: Acl, to: Acl, give: Command[], take: Command[], chain?: Chain): void {
  const delta = aclDelta(to, from);
  give.push(...delta.grants.map((move) => sql(grantText(move, on))));
  const again = chain ? keptByOthers(chain, delta.revokes, from, to) : [];
  take.push(
    ...[...again.map((move) => grantText(move, on)), ...delta.revokes.map((move) => revokeText(move, on))].map((text) => sql(text)),
  );
}

/**
 * What others have from the hands of somebody who loses it: the owner grants it to them first. `from` leaves out those whose
 * rights are not looked at: they keep what they have.
 */
export function keptByOthers(chain: Chain, revokes: readonly AclMove[], from: Acl, to: Acl): readonly AclMove[] {
  const others = Object.entries(aclOf(chain)).filter(([grantee]) => lookUp(from, grantee) === undefined);
  return regrants(chain, revokes, { ...Object.fromEntries(others), ...to });
}

/** The name in `log_statement=s`, ready for a statement. A custom one has a dot in it. */
export function parameterName(parameter: string): string {
  return parameter.slice(0, parameter.lastIndexOf('=')).split('.').map(ident).join('.');
}

/** Fields of two maps that differ, each as one change. */
export function mapFields(
  label: string,
  desired: Readonly<Record<string, string>>,
  observed: Readonly<Record<string, string>>,
  shown: (key: string, value: string) => string = (_, value) => value,
): FieldChange[] {
  const side = (values: Readonly<Record<string, string>>, key: string): string | null => {
    const value = lookUp(values, key);
    return value === undefined ? null : shown(key, value);
  };
  const keys = [...new Set([...Object.keys(desired), ...Object.keys(observed)])].sort();
  return keys
    .filter((key) => lookUp(desired, key) !== lookUp(observed, key))
    .map((key) => field(`${label} ${key === '' ? 'PUBLIC' : key}`, side(observed, key), side(desired, key)));
}
