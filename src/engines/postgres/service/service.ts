import { z } from 'zod';
import type { Observation } from '../../../engine/index.ts';
import type { Resource } from '../../../model/index.ts';
import { parseAcl } from '../acl.ts';
import { MAINTENANCE } from '../compile/compile.ts';
import { partOf } from '../part-name.ts';
import type { DatabaseRow, SharedRows } from '../queries/shared.ts';
import { isKind } from '../spec.ts';

const names = z.array(z.string()).readonly();
const factsSchema = z.object({
  /** Words that this manifest needs. */
  needed: names,
  /** All words that the server bears out. */
  possible: names,
  /** Open databases that belong to a superuser. */
  databases: names,
  /** Groups that hold what the admin would need, and that others are members of. */
  roles: names,
});

/** What a server does not let its admin do. */
export type ServiceFacts = z.infer<typeof factsSchema>;

/** As an observation carries them; null: the admin is a superuser. */
export function serviceFactsOf(server: Observation['server']): ServiceFacts | null {
  return server['service'] === undefined ? null : factsSchema.parse(server['service']);
}

/** null: the admin is a superuser, and nothing is kept from it. */
export function serviceFacts(rows: SharedRows, desired: readonly Resource[]): ServiceFacts | null {
  const [server] = rows.server;
  if (!server || server[1]) return null;
  const denied = (server[10] ?? '').split(',').filter((name) => name !== '');
  const asked = new Set(desired.flatMap((one) => (isKind(one, 'role') ? Object.keys(one.spec.settings) : [])));
  const families = new Set(
    desired.flatMap((one) => (isKind(one, 'builtin') && !one.spec.publicExecute ? [partOf(one.address.name)[1]] : [])),
  );
  const [hba, settings] = rows.readable[0] ?? [false, false];
  const old = server[4] < 150000;
  const closed = (row: DatabaseRow): boolean => !row[10] && MAINTENANCE.includes(row[0]) && row[6];
  const words: readonly (readonly [word: string, possible: boolean, needed: boolean])[] = [
    ['maintenance-database', rows.databases.some(closed), rows.databases.some((row) => closed(row) && isOpen(row))],
    ['public-schema', old, old],
    ['logical-messages', true, families.has('logical-messages')],
    ['advisory-locks', true, families.has('advisory-locks')],
    ['pg_hba', !hba, !hba],
    ['password-verifiers', true, true],
    ['server-settings', !settings, !settings],
    ['sessions', !server[9], !server[9]],
    ...denied.map((name) => [name, true, asked.has(name)] as const),
  ];
  return {
    needed: words.filter(([, , needed]) => needed).map(([word]) => word),
    possible: words.filter(([, possible]) => possible).map(([word]) => word),
    databases: rows.databases
      .filter((row) => !MAINTENANCE.includes(row[0]) && row[2] && !row[10] && row[6] && isOpen(row))
      .map(([name]) => name),
    roles: groupsOf(rows, server[0]),
  };
}

function isOpen([, , , , , , , , acl]: DatabaseRow): boolean {
  return acl === null || acl.some((item) => item.startsWith('='));
}

/** Groups through which others than the admin have a maintenance database or a parameter. */
function groupsOf({ members, databases, parameters, roles }: SharedRows, admin: string): readonly string[] {
  const superusers = new Set(roles.filter((row) => row[3]).map(([name]) => name));
  const logins = new Set(roles.filter((row) => row[1]).map(([name]) => name));
  const holders = new Set([
    ...databases.filter(([name]) => MAINTENANCE.includes(name)).map(([, owner]) => owner),
    ...parameters.flatMap(([, acl]) => Object.keys(parseAcl(acl))),
  ]);
  const shared = (group: string): boolean => members.some(([of, member]) => of === group && member !== admin && !superusers.has(member));
  return [...holders].filter((name) => name !== '' && name !== admin && !superusers.has(name) && !logins.has(name) && shared(name)).sort();
}
