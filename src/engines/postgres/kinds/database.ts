import { field, sql } from '../../../engine/index.ts';
import type { FieldChange, Command } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { type Chain, ownedBy } from '../effective/grants.ts';
import { marked } from '../marks/mark.ts';
import { ident, literal } from '../quote.ts';
import { isList, shownSetting } from '../settings.ts';
import type { DatabaseSpec } from '../spec.ts';
import { accessFields, ALL } from './access-fields.ts';
import { accessStatements, type Facts, type Kind, mapFields } from './kind.ts';
import { isLower, keepingLimit } from './limits.ts';

export const database: Kind<DatabaseSpec> = {
  reversible: true,
  diff(wanted, observed) {
    const desired = keepingLimit(wanted, observed);
    const fields: FieldChange[] = [];
    for (const key of ['owner', 'connectionLimit', 'allowConnections', 'template'] as const) {
      if (desired[key] !== observed[key]) fields.push(field(key, observed[key], desired[key]));
    }
    fields.push(...accessFields('access of', desired.acl, observed.acl, ALL.database));
    fields.push(...mapFields('setting', desired.settings, observed.settings, shownSetting));
    if (desired.mark !== observed.mark) fields.push(field('mark', observed.mark || null, desired.mark));
    return fields;
  },
  statements(name, from, wanted, facts) {
    const to = from === null ? wanted : keepingLimit(wanted, from);
    const grants: Command[] = [];
    const revokes: Command[] = [];
    const it = `ALTER DATABASE ${ident(name)}`;
    const before: DatabaseSpec = from ?? { ...to, acl: { '': 'Tc' }, settings: {}, mark: '', allowConnections: false };
    const handed = before.owner !== to.owner;
    // First: the server gives the old owner's entry in the access list to the new one.
    if (handed) grants.push(sql(`${it} OWNER TO ${to.owner === 'operator' ? 'CURRENT_USER' : ident(to.owner)}`));
    if (before.connectionLimit !== to.connectionLimit)
      (from !== null && isLower(from.connectionLimit, to.connectionLimit) ? revokes : grants).push(
        sql(`${it} CONNECTION LIMIT ${to.connectionLimit}`),
      );
    if (before.template !== to.template) revokes.push(sql(`${it} IS_TEMPLATE ${to.template}`));
    accessStatements(`DATABASE ${ident(name)}`, before.acl, to.acl, grants, revokes, chainAfter(before, to, facts));
    for (const key of [...new Set([...Object.keys(before.settings), ...Object.keys(to.settings)])].sort()) {
      const value = lookUp(to.settings, key);
      const setting = key.split('.').map(ident).join('.');
      if (lookUp(before.settings, key) === value) continue;
      grants.push(sql(value === undefined ? `${it} RESET ${setting}` : `${it} SET ${setting} = ${isList(key) ? value : literal(value)}`));
    }
    if (before.mark !== to.mark)
      grants.push(sql(`COMMENT ON DATABASE ${ident(name)} IS ${literal(marked(to.text ?? before.text, to.mark))}`));
    // A database opens only when its walls stand.
    if (before.allowConnections !== to.allowConnections) revokes.push(sql(`${it} ALLOW_CONNECTIONS ${to.allowConnections}`));
    return { grants, revokes, ...(handed ? { risk: 'access-reducing' as const } : {}) };
  },
};

function chainAfter({ chain, owner }: DatabaseSpec, to: DatabaseSpec, { user }: Facts): Chain | undefined {
  return chain && owner !== to.owner ? ownedBy(chain, to.owner === 'operator' ? user : to.owner) : chain;
}

/** Sent on its own: it cannot run inside a transaction. Nobody can enter until the walls stand. */
export function createDatabase(name: string, spec: DatabaseSpec): Command {
  const locale = spec.locale === null ? '' : ` LOCALE ${literal(spec.locale)}`;
  return sql(
    `CREATE DATABASE ${ident(name)} TEMPLATE template0 ENCODING ${literal(spec.encoding)}${locale} CONNECTION LIMIT ${spec.connectionLimit} ALLOW_CONNECTIONS false`,
  );
}
