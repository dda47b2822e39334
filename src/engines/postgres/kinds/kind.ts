import { z } from 'zod';
import { mapFields as fieldsOf, type Observation, sql, type Statements } from '../../../engine/index.ts';
import type { FieldChange, Command } from '../../../model/index.ts';
import { oncePer } from '../../../util/once.ts';
import { lookUp } from '../../../util/record.ts';
import { type Acl, aclDelta, type AclMove, grantText, revokeText } from '../acl.ts';
import { aclOf, type Chain, regrants } from '../effective/grants.ts';
import { ident } from '../quote.ts';

const factsSchema = z.object({
  user: z.string(),
  superuser: z.boolean(),
  createRole: z.boolean().default(false),
  createDatabase: z.boolean().default(false),
  /** It may end sessions of others. */
  endsSessions: z.boolean().default(false),
  /** It only follows another server. */
  standby: z.boolean().default(false),
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

/** How one kind of resource is compared and changed. Pure. */
export interface Kind<Spec> {
  /** [] means in sync. */
  diff(desired: Spec, observed: Spec, facts: Facts, name: string): readonly FieldChange[];
  /** From what is there (null: nothing) to what is wanted. */
  statements(name: string, from: Spec | null, to: Spec, facts: Facts): Statements;
  /** False where `statements` cannot be read backwards. */
  readonly reversible: boolean;
}

/** GRANT and REVOKE from one access list to another. `on` as `DATABASE "x"`; `chain`: who gave what, where that matters. */
export function accessStatements(on: string, from: Acl, to: Acl, grants: Command[], revokes: Command[], chain?: Chain): void {
  const delta = aclDelta(to, from);
  grants.push(...delta.grants.map((move) => sql(grantText(move, on))));
  const again = chain ? keptByOthers(chain, delta.revokes, from, to) : [];
  revokes.push(
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

type DropFirst<T extends readonly unknown[]> = T extends [unknown, ...infer Rest] ? Rest : never;

/** Fields of two maps, as access lists or settings, that differ. */
export function mapFields(label: string, ...maps: DropFirst<Parameters<typeof fieldsOf>>): FieldChange[] {
  return fieldsOf((key) => `${label} ${key === '' ? 'PUBLIC' : key}`, ...maps);
}
