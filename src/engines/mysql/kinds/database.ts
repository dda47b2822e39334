import { field, mapFields, type Statements, sql } from '../../../engine/index.ts';
import type { FieldChange, Command } from '../../../model/index.ts';
import type { Facts } from '../observe/facts.ts';
import { outsiderOf } from '../observe/specs.ts';
import { grantChanges, shown } from '../grants.ts';
import { ident, literal } from '../quote.ts';
import { CHARSET, type DatabaseSpec, type Grants } from '../spec.ts';
import type { Kind } from './kind.ts';
import { ENTRY } from './ledger.ts';

export const database: Kind<DatabaseSpec> = {
  diff(desired, observed) {
    const fields: FieldChange[] = [];
    if (isOther(desired.charset, observed.charset)) fields.push(field('charset', observed.charset, desired.charset));
    if (isOther(desired.collation, observed.collation)) fields.push(field('collation', observed.collation, desired.collation));
    fields.push(...outsiderFields(observed.outsiders));
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

export function outsiderFields(outsiders: DatabaseSpec['outsiders']): FieldChange[] {
  return mapFields(outsiderLabel, {}, outsiders);
}

/** What others have there goes; whom the manifest names gets by name what it had of that by a role. */
export function outsiderStatements({ outsiders, kept }: Pick<DatabaseSpec, 'outsiders' | 'kept'>, facts: Facts): Statements {
  const { flavor, literalNames } = facts;
  const revokes = Object.entries(outsiders).flatMap(([key, privileges]) => {
    const [account, target] = outsiderOf(key);
    return grantChanges({ [target]: privileges }, {}, grantee(account, flavor), literalNames).revokes;
  });
  return { grants: givenByName(kept, facts), revokes: revokes.map((text) => sql(text)) };
}

/** What each of these accounts is to get. */
export function givenByName(kept: Readonly<Record<string, Grants>>, { flavor, literalNames }: Facts): Command[] {
  return Object.entries(kept).flatMap(([account, grants]) =>
    grantChanges({}, grants, grantee(account, flavor), literalNames).grants.map((text) => sql(text)),
  );
}

/** A role of MariaDB stands without a host. */
export function grantee(account: string, flavor: 'mysql' | 'mariadb'): string {
  const at = account.lastIndexOf('@');
  const [user, host] = [account.slice(0, at), account.slice(at + 1)];
  if (flavor === 'mariadb' && host === '') return user === 'PUBLIC' ? 'PUBLIC' : literal(user);
  return `${literal(user)}@${literal(host)}`;
}

function outsiderLabel(key: string): string {
  const [account, target] = outsiderOf(key);
  return `${account} on ${shown(target)}`;
}
