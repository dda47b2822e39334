import type { FieldChange, Command } from '../../../model/index.ts';
import type { Facts } from '../observe/facts.ts';
import { outsiderOf } from '../observe/specs.ts';
import { grantMoves, shown } from '../grants.ts';
import { ident, literal } from '../quote.ts';
import type { DatabaseSpec } from '../spec.ts';
import { field, type Kind, mapFields, sql } from './kind.ts';

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
    const take = outsiderRevokes(from.outsiders, facts);
    return { give, take };
  },
};

export function outsiderFields(outsiders: DatabaseSpec['outsiders']): FieldChange[] {
  return mapFields(outsiderLabel, {}, outsiders);
}

export function outsiderRevokes(outsiders: DatabaseSpec['outsiders'], { flavor, literalNames }: Facts): Command[] {
  return Object.entries(outsiders).flatMap(([key, privileges]) => {
    const [account, target] = outsiderOf(key);
    return grantMoves({ [target]: privileges }, {}, grantee(account, flavor), literalNames).revokes.map((text) => sql(text));
  });
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
