/** how ('o' owner, 'a' access list, 'r' policy), type in words, identity, owner */
export type ByOwnershipRow = readonly ['o' | 'a' | 'r', string, string, string];

/** Catalogs, with the columns of their access lists and owners, and which number tells a part. */
const LISTS = [
  ['pg_class', 'oid', '0', 'relacl', 'relowner'],
  ['pg_proc', 'oid', '0', 'proacl', 'proowner'],
  ['pg_namespace', 'oid', '0', 'nspacl', 'nspowner'],
  ['pg_type', 'oid', '0', 'typacl', 'typowner'],
  ['pg_language', 'oid', '0', 'lanacl', 'lanowner'],
  ['pg_foreign_data_wrapper', 'oid', '0', 'fdwacl', 'fdwowner'],
  ['pg_foreign_server', 'oid', '0', 'srvacl', 'srvowner'],
  ['pg_default_acl', 'oid', '0', 'defaclacl', 'defaclrole'],
] as const;

const ME = `'pg_database_owner'::regrole`;
const within = (acl: string): string => `${acl} IS NOT NULL AND EXISTS (SELECT FROM aclexplode(${acl}) e WHERE e.grantee = ${ME})`;
/** The schema `public` is looked at on its own, and a type of rows belongs to its table. */
const notOwned = (catalog: string): string => (catalog === 'pg_type' ? ` AND t.typtype = ANY ('{d,e,r}')` : '');

/**
 * What `pg_database_owner` owns or is named in: the server notes nothing of that role among the dependencies. Whoever owns the
 * database has all of it, and nobody else.
 */
export const BY_OWNERSHIP = `SELECT x.how, i.type, i.identity, coalesce(pg_get_userbyid(x.owner)::text, '') FROM (
    ${LISTS.map(([catalog, oid, part, acl, owner]) => `SELECT 'a' AS how, '${catalog}'::regclass AS class, t.${oid} AS oid, ${part} AS part, t.${owner} AS owner FROM ${catalog} t WHERE ${within(`t.${acl}`)} AND t.${owner} <> ${ME}`).join('\n    UNION ALL ')}
    UNION ALL SELECT 'a', 'pg_class'::regclass, a.attrelid, a.attnum, c.relowner FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE ${within('a.attacl')} AND c.relowner <> ${ME}
    UNION ALL SELECT 'a', 'pg_largeobject'::regclass, m.oid, 0, m.lomowner FROM pg_largeobject_metadata m WHERE ${within('m.lomacl')} AND m.lomowner <> ${ME}
    UNION ALL ${LISTS.map(([catalog, oid, part, , owner]) => `SELECT 'o', '${catalog}'::regclass, t.${oid}, ${part}, t.${owner} FROM ${catalog} t WHERE t.${owner} = ${ME}${notOwned(catalog)}`).join('\n    UNION ALL ')}
    UNION ALL SELECT 'o', 'pg_largeobject'::regclass, m.oid, 0, m.lomowner FROM pg_largeobject_metadata m WHERE m.lomowner = ${ME}
    UNION ALL SELECT 'r', 'pg_policy'::regclass, y.oid, 0, 0 FROM pg_policy y WHERE ${ME} = ANY (y.polroles)
  ) x, pg_identify_object(x.class, x.oid, x.part) i
  WHERE NOT (i.type = 'schema' AND i.identity = 'public') AND i.type NOT IN ('index', 'toast table') ORDER BY 1, 2, 3`;
