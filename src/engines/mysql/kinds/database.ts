import { field, type Statements, sql } from '../../../engine/index.ts';
import type { FieldChange, Command } from '../../../model/index.ts';
import type { Facts } from '../observe/facts.ts';
import { lookUp } from '../../../util/record.ts';
import { grantChanges, shown, targetOf } from '../grants.ts';
import { ident, literal } from '../quote.ts';
import { CHARSET, type ByAccount, type DatabaseSpec } from '../spec.ts';
import { grantFields } from './grant-fields.ts';
import type { Kind } from './kind.ts';
import { ENTRY } from './ledger.ts';

export const database: Kind<DatabaseSpec> = {
  diff(desired, observed, facts) {
    const fields: FieldChange[] = [];
    if (isOther(desired.charset, observed.charset)) fields.push(field('charset', observed.charset, desired.charset));
    if (isOther(desired.collation, observed.collation)) fields.push(field('collation', observed.collation, desired.collation));
    fields.push(...outsiderFields(observed, facts));
    if (!observed.noted) fields.push(field(ENTRY, false, true));
    return fields;
  },
  statements(name, from, to, facts, note) {
    const noted = note && from?.noted !== true ? [note] : [];
    const words = `CHARACTER SET ${to.charset || from?.charset || CHARSET}${to.collation === '' ? '' : ` COLLATE ${to.collation}`}`;
    if (from === null) return { grants: [...noted, sql(`CREATE DATABASE ${ident(name)} ${words}`)], revokes: [] };
    const grants: Command[] = [...noted];
    // What tables are made with from now on: those that are there stay as they are.
    if (isOther(to.charset, from.charset) || isOther(to.collation, from.collation))
      grants.push(sql(`ALTER DATABASE ${ident(name)} ${words}`));
    const outsiders = outsiderStatements(from, facts);
    return { grants: [...grants, ...outsiders.grants], revokes: outsiders.revokes };
  },
};

/** '' stands for what is there. */
function isOther(wanted: string, has: string): boolean {
  return wanted !== '' && wanted !== has;
}

/** What others lose there, and what those whom the manifest names get by name for it. */
export function outsiderFields({ outsiders, kept }: Pick<DatabaseSpec, 'outsiders' | 'kept'>, facts: Facts): FieldChange[] {
  const lost = byAccount(outsiders, (account, target) => `${account} on ${target}`, facts);
  return lost.length === 0 ? [] : [...lost, ...keptFields(kept, facts)];
}

/** What accounts get by name, one field each. */
export function keptFields(kept: ByAccount, facts: Facts): FieldChange[] {
  const keys = Object.keys(kept).sort();
  return keys.flatMap((account) =>
    grantFields((target) => `${account} on ${shown(target)}, by name`, lookUp(kept, account) ?? {}, {}, facts),
  );
}

/** What others have there goes; whom the manifest names gets by name what it had of that by a role. */
export function outsiderStatements({ outsiders, kept }: Pick<DatabaseSpec, 'outsiders' | 'kept'>, facts: Facts): Statements {
  // On MySQL a right that is taken on a table goes on its columns as well, and a list for a column that names it then takes nothing.
  const isOfColumn = (target: string): boolean => targetOf(target)[0] === 'column';
  const revokes = Object.entries(outsiders).flatMap(([account, grants]) =>
    Object.entries(grants)
      .toSorted(([one], [other]) => Number(isOfColumn(other)) - Number(isOfColumn(one)))
      .flatMap(([target, privileges]) => grantChanges({ [target]: privileges }, {}, grantee(account, facts.flavor), facts).revokes),
  );
  return { grants: givenByName(kept, facts), revokes: revokes.map((text) => sql(text)) };
}

/** What each of these accounts is to get. */
export function givenByName(kept: ByAccount, facts: Facts): Command[] {
  return Object.entries(kept).flatMap(([account, grants]) =>
    grantChanges({}, grants, grantee(account, facts.flavor), facts).grants.map((text) => sql(text)),
  );
}

/** A role of MariaDB stands without a host. */
export function grantee(account: string, flavor: 'mysql' | 'mariadb'): string {
  const at = account.lastIndexOf('@');
  const [user, host] = [account.slice(0, at), account.slice(at + 1)];
  if (flavor === 'mariadb' && host === '') return user === 'PUBLIC' ? 'PUBLIC' : literal(user);
  return `${literal(user)}@${literal(host)}`;
}

/** What goes of what accounts have, one field each. */
export function byAccount(outsiders: ByAccount, label: (account: string, target: string) => string, facts: Facts): FieldChange[] {
  const keys = Object.keys(outsiders).sort();
  return keys.flatMap((account) => grantFields((target) => label(account, shown(target)), {}, lookUp(outsiders, account) ?? {}, facts));
}
