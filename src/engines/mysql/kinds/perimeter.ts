import { field, sql } from '../../../engine/index.ts';
import { type GrantChanges, grantChanges, shown, targetOf } from '../grants.ts';
import { literal } from '../quote.ts';
import type { Grants, PerimeterSpec } from '../spec.ts';
import { byAccount, keptFields, outsiderStatements } from './database.ts';
import { grantFields } from './grant-fields.ts';
import type { Facts } from '../observe/facts.ts';
import type { Kind } from './kind.ts';

export const perimeter: Kind<PerimeterSpec> = {
  diff(desired, observed, facts) {
    const anonymous = observed.anonymous.filter((host) => !desired.anonymous.includes(host));
    const lost = [
      ...anonymous.map((host) => field(`anonymous account from ${host}`, 'open', null)),
      ...grantFields((key) => `everybody on ${shown(key)}`, desired.everybody, observed.everybody, facts),
      ...grantFields((key) => `everybody on ${shown(key)}, by a row without a user`, desired.rows, observed.rows, facts),
      ...byAccount(observed.roles, byRole, facts),
    ];
    return lost.length === 0 ? [] : [...lost, ...keptFields(observed.kept, facts)];
  },
  statements(_name, from, to, facts) {
    const revokes = [
      ...(from?.anonymous ?? []).filter((host) => !to.anonymous.includes(host)).map((host) => `DROP USER ''@${literal(host)}`),
      ...publicGrants(from?.everybody ?? {}, facts).revokes,
      ...rowsOf(from?.rows ?? {}),
    ];
    const roles = outsiderStatements({ outsiders: from?.roles ?? {}, kept: from?.kept ?? {} }, facts);
    return { grants: roles.grants, revokes: [...revokes.map((text) => sql(text)), ...roles.revokes] };
  },
};

/** `everybody on *.*, by clerks@%`. */
export function byRole(role: string, target: string): string {
  return `everybody on ${target}, by ${role}`;
}

function publicGrants(everybody: Grants, facts: Facts): GrantChanges {
  return grantChanges(everybody, {}, 'PUBLIC', facts);
}

/** Rows that belong to no account: no REVOKE reaches them. */
function rowsOf(everybody: Grants): string[] {
  const texts = Object.keys(everybody).flatMap((key) => {
    const target = targetOf(key);
    const [kind, name] = target;
    if (kind === 'pattern') return [`DELETE FROM mysql.db WHERE User = '' AND Db = ${literal(name)}`];
    if (kind !== 'database') return [];
    const escaped = name.replaceAll(/[\\_%]/g, '\\$&');
    return [`DELETE FROM mysql.db WHERE User = '' AND Db IN (${literal(name)}, ${literal(escaped)})`];
  });
  return texts.length === 0 ? [] : [...texts, 'FLUSH PRIVILEGES'];
}
