import type { FieldChange, Command } from '../../../model/index.ts';
import type { Facts } from '../observe/facts.ts';
import { outsiderOf } from '../observe/specs.ts';
import { grantMoves, roleName, shown } from '../grants.ts';
import { ident, literal } from '../quote.ts';
import type { DatabaseSpec, Grants } from '../spec.ts';
import { field, type Kind, mapFields, type Moves, sql } from './kind.ts';

export const database: Kind<DatabaseSpec> = {
  diff(desired, observed) {
    const fields: FieldChange[] = [];
    if (desired.charset !== observed.charset && !desired.adopt) fields.push(field('charset', observed.charset, desired.charset));
    if (desired.collation !== '' && desired.collation !== observed.collation && !desired.adopt)
      fields.push(field('collation', observed.collation, desired.collation));
    fields.push(...outsiderFields(observed.outsiders));
    if (!observed.noted) fields.push(field('noted', false, true));
    return fields;
  },
  moves(name, from, to, facts, note) {
    const noted = note && from?.noted !== true ? [note] : [];
    const words = `CHARACTER SET ${to.charset}${to.collation === '' ? '' : ` COLLATE ${to.collation}`}`;
    if (from === null) return { give: [...noted, sql(`CREATE DATABASE ${ident(name)} ${words}`)], take: [] };
    const give: Command[] = [...noted];
    const collates = to.collation !== '' && to.collation !== from.collation;
    // What tables are made with from now on: those that are there stay as they are.
    if (!to.adopt && (to.charset !== from.charset || collates)) give.push(sql(`ALTER DATABASE ${ident(name)} ${words}`));
    const outsiders = outsiderMoves(from, facts);
    return { give: [...give, ...outsiders.give], take: outsiders.take };
  },
};

export function outsiderFields(outsiders: DatabaseSpec['outsiders']): FieldChange[] {
  return mapFields(outsiderLabel, {}, outsiders);
}

/** What others have there goes; whom the manifest names gets by name what it had of that by a role. */
export function outsiderMoves({ outsiders, kept }: Pick<DatabaseSpec, 'outsiders' | 'kept'>, facts: Facts): Moves {
  const { flavor, literalNames } = facts;
  const take = Object.entries(outsiders).flatMap(([key, privileges]) => {
    const [account, target] = outsiderOf(key);
    return grantMoves({ [target]: privileges }, {}, grantee(account, flavor), literalNames).revokes;
  });
  return { give: givenByName(kept, facts), take: take.map((text) => sql(text)) };
}

/** What each of these accounts is to get. */
export function givenByName(kept: Readonly<Record<string, Grants>>, { literalNames }: Facts): Command[] {
  return Object.entries(kept).flatMap(([account, grants]) =>
    grantMoves({}, grants, roleName(account, true), literalNames).grants.map((text) => sql(text)),
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
