import type { Observed, Resource } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { parseAcl } from '../acl.ts';
import { Closure } from '../effective/closure.ts';
import { operatorParts } from '../kinds/operator.ts';
import { readMark } from '../marks/mark.ts';
import type { OperatorAttribute, OperatorSpec } from '../operators.ts';
import { edgesOf } from '../effective/people.ts';
import type { DatabaseRow, RoleRow, SharedRows } from '../queries/shared.ts';
import { isKind } from '../spec.ts';

/** How much each operator has of what the manifest gives it. One that is not on the server is left out. */
export function observeOperators(rows: SharedRows, desired: readonly Resource[]): readonly Observed[] {
  const wanted = desired.filter((one) => isKind(one, 'operator'));
  if (wanted.length === 0) return [];
  const closure = new Closure(edgesOf(rows));
  const roles = new Map(rows.roles.map((row) => [row[0], row]));
  const databases = new Map(rows.databases.map((row) => [row[0], row]));
  return wanted.flatMap((one): Observed[] => {
    const { name } = one.address;
    const role = roles.get(name);
    if (!role) return [];
    const superuser = role[3];
    const inherited = closure.inherited(name);
    const spec = {
      connect: one.spec.connect.filter((database) => superuser || enters(databases.get(database), name)),
      groups: one.spec.groups.filter((group) => superuser || inherited.has(group)),
      attributes: one.spec.attributes.filter((attribute) => superuser || hasAttribute(role, attribute)),
    };
    const version = rows.server[0]?.[4] ?? 0;
    const has = new Set(operatorParts(name, { ...spec, beyond: [] }, version).map(({ field }) => field));
    const beyond = operatorParts(name, one.spec, version)
      .filter(({ field }) => !has.has(field))
      .filter(({ database, field }) =>
        database === null ? !mayGrant(rows, closure, roles, name, field) : databases.get(database)?.[10] === false,
      )
      .map(({ grant }) => grant);
    return [{ address: one.address, app: null, spec: { ...spec, beyond, ...tenantOf(role[10]) }, owned: false }];
  });
}

function tenantOf(comment: string | null): Pick<OperatorSpec, 'tenant'> {
  const mark = readMark(comment);
  if (!mark) return {};
  const which = mark.app === null ? 'several apps' : `${mark.retired === undefined ? '' : 'the retired '}app "${mark.app}"`;
  return { tenant: `${which} of project "${mark.project}"` };
}

/** By name: what comes through PUBLIC or a group can go with it. */
function enters(database: DatabaseRow | undefined, login: string): boolean {
  if (!database) return false;
  return database[1] === login || (lookUp(parseAcl(database[8] ?? []), login) ?? '').includes('c');
}

function hasAttribute(role: RoleRow, attribute: OperatorAttribute): boolean {
  return attribute === 'replication' ? role[6] : role[7];
}

/** Before 16 CREATEROLE gives any membership and no attribute; from 16 on ADMIN OPTION decides, and an attribute of one's own. */
function mayGrant(rows: SharedRows, closure: Closure, roles: ReadonlyMap<string, RoleRow>, login: string, field: string): boolean {
  const [user, superuser, createRole, , version] = rows.server[0] ?? ['', true, true, true, 0];
  if (superuser) return true;
  const group = /^member of (.*)$/.exec(field)?.[1];
  if (version < 160000) return group !== undefined && createRole;
  const mine = closure.usable(user);
  const administers = (role: string): boolean => rows.members.some(([of, member, admin]) => of === role && admin && mine.has(member));
  if (group !== undefined) return administers(group);
  const me = roles.get(user);
  return createRole && administers(login) && me !== undefined && hasAttribute(me, field as OperatorAttribute);
}
