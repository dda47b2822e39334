import { lookUp } from '../../../util/record.ts';
import { nameArray, qualified } from '../quote.ts';
import { FIRST } from './database.ts';
import { REMEDY } from './remedies.ts';

/** Roles of an app, as oids. */
function oids(roles: readonly string[]): string {
  return `ARRAY(SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = ANY (${nameArray(roles)}))`;
}

const HERE = '(SELECT b.oid FROM pg_catalog.pg_database b WHERE b.datname = pg_catalog.current_database())';

/** Catalogs whose objects have an owner, with the column that names it. */
const OWNED: readonly (readonly [catalog: string, column: string])[] = [
  ['pg_class', 'relowner'],
  ['pg_type', 'typowner'],
  ['pg_proc', 'proowner'],
  ['pg_namespace', 'nspowner'],
  ['pg_operator', 'oprowner'],
  ['pg_opclass', 'opcowner'],
  ['pg_opfamily', 'opfowner'],
  ['pg_collation', 'collowner'],
  ['pg_conversion', 'conowner'],
  ['pg_ts_dict', 'dictowner'],
  ['pg_ts_config', 'cfgowner'],
  ['pg_statistic_ext', 'stxowner'],
  ['pg_foreign_server', 'srvowner'],
  ['pg_foreign_data_wrapper', 'fdwowner'],
  ['pg_extension', 'extowner'],
  ['pg_event_trigger', 'evtowner'],
  ['pg_publication', 'pubowner'],
  ['pg_language', 'lanowner'],
  ['pg_default_acl', 'defaclrole'],
];

const ofTable = (catalog: string, column: string): string =>
  `WHEN 'pg_catalog.${catalog}'::regclass THEN (SELECT c.relowner FROM pg_catalog.${catalog} x JOIN pg_catalog.pg_class c ON c.oid = x.${column} WHERE x.oid = o.objid)`;

/** Whose an object `o` is; a part is whose the whole is. Null: nobody's, as a cast. */
const OWNER = `CASE o.classid
  ${OWNED.map(([catalog, column]) => `WHEN 'pg_catalog.${catalog}'::regclass THEN (SELECT x.${column} FROM pg_catalog.${catalog} x WHERE x.oid = o.objid)`).join('\n  ')}
  WHEN 'pg_catalog.pg_largeobject'::regclass THEN (SELECT x.lomowner FROM pg_catalog.pg_largeobject_metadata x WHERE x.oid = o.objid)
  ${ofTable('pg_attrdef', 'adrelid')}
  ${ofTable('pg_trigger', 'tgrelid')}
  ${ofTable('pg_rewrite', 'ev_class')}
  ${ofTable('pg_policy', 'polrelid')}
  WHEN 'pg_catalog.pg_constraint'::regclass THEN (SELECT coalesce(c.relowner, t.typowner) FROM pg_catalog.pg_constraint x LEFT JOIN pg_catalog.pg_class c ON c.oid = x.conrelid LEFT JOIN pg_catalog.pg_type t ON t.oid = x.contypid WHERE x.oid = o.objid)
  WHEN 'pg_catalog.pg_publication_rel'::regclass THEN (SELECT p.pubowner FROM pg_catalog.pg_publication_rel x JOIN pg_catalog.pg_publication p ON p.oid = x.prpubid WHERE x.oid = o.objid)
  WHEN pg_catalog.to_regclass('pg_catalog.pg_publication_namespace') THEN (SELECT p.pubowner FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_publication p ON p.oid = d.refobjid WHERE d.classid = o.classid AND d.objid = o.objid AND d.refclassid = 'pg_catalog.pg_publication'::regclass)
  WHEN 'pg_catalog.pg_amop'::regclass THEN (SELECT f.opfowner FROM pg_catalog.pg_amop x JOIN pg_catalog.pg_opfamily f ON f.oid = x.amopfamily WHERE x.oid = o.objid)
  WHEN 'pg_catalog.pg_amproc'::regclass THEN (SELECT f.opfowner FROM pg_catalog.pg_amproc x JOIN pg_catalog.pg_opfamily f ON f.oid = x.amprocfamily WHERE x.oid = o.objid)
  WHEN 'pg_catalog.pg_user_mapping'::regclass THEN (SELECT CASE x.umuser WHEN 0 THEN s.srvowner ELSE x.umuser END FROM pg_catalog.pg_user_mappings x JOIN pg_catalog.pg_foreign_server s ON s.oid = x.srvid WHERE x.umid = o.objid)
  WHEN 'pg_catalog.pg_cast'::regclass THEN (SELECT coalesce(max(t.typowner) FILTER (WHERE t.typowner <> ALL (mine.roles) AND NOT a.rolsuper), max(t.typowner) FILTER (WHERE t.typowner = ANY (mine.roles))) FROM pg_catalog.pg_cast x JOIN pg_catalog.pg_type t ON t.oid IN (x.castsource, x.casttarget) JOIN pg_catalog.pg_roles a ON a.oid = t.typowner WHERE x.oid = o.objid)
END`;

/**
 * What of others goes with what these roles own here, whether the server would ask for CASCADE or drop it without a word.
 * Rows: object in the server's words, its owner or '', what it depends on, the statement that ends that and keeps every row or ''.
 */
export function hangingQuery(roles: readonly string[]): string {
  return `WITH RECURSIVE mine AS (SELECT ${oids(roles)} AS roles),
going (classid, objid, objsubid, refclassid, refobjid, refobjsubid, member) AS (
  SELECT s.classid, s.objid, 0, 0::oid, 0::oid, 0, false FROM pg_catalog.pg_shdepend s, mine
    WHERE s.dbid = ${HERE} AND s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.refobjid = ANY (mine.roles) AND s.deptype = 'o'
  UNION
  SELECT n.* FROM going g, LATERAL (
    SELECT d.classid, d.objid, d.objsubid, g.classid, g.objid, g.objsubid, d.deptype = 'e' OR (g.member AND d.deptype <> 'n') FROM pg_catalog.pg_depend d
      WHERE d.refclassid = g.classid AND d.refobjid = g.objid AND (g.objsubid = 0 OR d.refobjsubid = g.objsubid)
    UNION ALL
    -- With a part goes the whole: with its rule a view.
    SELECT d.refclassid, d.refobjid, d.refobjsubid, g.refclassid, g.refobjid, g.refobjsubid, g.member FROM pg_catalog.pg_depend d
      WHERE d.classid = g.classid AND d.objid = g.objid AND d.deptype = 'i'
  ) n
),
hanging AS (
  SELECT o.*, ${OWNER} AS owner FROM going o, mine
),
found AS (
  SELECT h.classid, h.objid, h.objsubid, h.refclassid, h.refobjid, h.refobjsubid, h.owner FROM hanging h, mine
    WHERE (h.owner IS NULL OR h.owner <> ALL (mine.roles)) AND h.classid NOT IN ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_default_acl'::regclass)
      -- What an extension brings is its own, as long as it is the superuser's.
      AND NOT EXISTS (SELECT 1 FROM hanging m WHERE m.classid = h.classid AND m.objid = h.objid AND m.member AND (m.owner IS NULL OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = m.owner)))
      -- A part of something that is named itself.
      AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend i JOIN hanging w ON w.classid = i.refclassid AND w.objid = i.refobjid AND (w.objsubid = 0 OR w.objsubid = i.refobjsubid) AND (w.owner IS NULL OR w.owner <> ALL (mine.roles))
        WHERE i.classid = h.classid AND i.objid = h.objid AND i.deptype IN ('i', 'a', 'P', 'S') AND (i.refclassid, i.refobjid) <> (h.classid, h.objid))
  UNION
  -- Rows that others put into a table of theirs lie in a part that is of the app.
  SELECT 'pg_catalog.pg_class'::regclass, p.oid, 0, 'pg_catalog.pg_class'::regclass, c.oid, 0, p.relowner FROM mine, pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
    WHERE c.relkind IN ('r', 'p', 'f') AND c.relowner = ANY (mine.roles) AND p.relowner <> ALL (mine.roles)
  UNION
  -- It can only go together with an extension that is not the app's.
  SELECT 'pg_catalog.pg_extension'::regclass, e.oid, 0, s.classid, s.objid, 0, e.extowner FROM mine, pg_catalog.pg_shdepend s JOIN pg_catalog.pg_depend d ON d.classid = s.classid AND d.objid = s.objid AND d.deptype = 'e' JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
    WHERE s.dbid = ${HERE} AND s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.refobjid = ANY (mine.roles) AND s.deptype = 'o' AND e.extowner <> ALL (mine.roles)
  UNION
  -- A policy that names a role of the app is rewritten, or goes.
  SELECT s.classid, s.objid, 0, s.refclassid, s.refobjid, 0, c.relowner FROM mine, pg_catalog.pg_shdepend s JOIN pg_catalog.pg_policy p ON p.oid = s.objid JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
    WHERE s.dbid = ${HERE} AND s.classid = 'pg_catalog.pg_policy'::regclass AND s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.refobjid = ANY (mine.roles) AND s.deptype = 'r' AND c.relowner <> ALL (mine.roles)
)
SELECT DISTINCT ON (1) pg_catalog.pg_describe_object(f.classid, f.objid, f.objsubid), coalesce(r.rolname::text, ''),
  coalesce(CASE WHEN f.refclassid = 'pg_catalog.pg_authid'::regclass THEN 'role ' || (SELECT a.rolname::text FROM pg_catalog.pg_roles a WHERE a.oid = f.refobjid) ELSE pg_catalog.pg_describe_object(f.refclassid, f.refobjid, f.refobjsubid) END, ''),
  coalesce(${REMEDY}, '')
FROM found f LEFT JOIN pg_catalog.pg_roles r ON r.oid = f.owner
-- Of several reasons the one that is the app's own: a constraint depends on a table by triggers that depend on the constraint.
ORDER BY 1, (f.refclassid, f.refobjid) = (f.classid, f.objid),
  NOT EXISTS (SELECT 1 FROM mine, pg_catalog.pg_shdepend s WHERE s.dbid = ${HERE} AND s.classid = f.refclassid AND s.objid = f.refobjid AND s.deptype = 'o' AND s.refobjid = ANY (mine.roles)), 2, 3`;
}

/** What is of others in a database that goes as a whole: object, owner. Extensions and what they bring are the operator's way to serve the app. */
export function othersQuery(roles: readonly string[]): string {
  const [, ...rest] = OWNED.filter(([catalog]) => catalog !== 'pg_default_acl' && catalog !== 'pg_extension');
  const place = (catalog: string): string => lookUp(PLACES, catalog) ?? '0::oid';
  return `WITH mine AS (SELECT ${oids(roles)} AS roles),
o (classid, objid, owner, space) AS (
  SELECT 'pg_catalog.pg_class'::regclass::oid, x.oid, x.relowner, x.relnamespace FROM pg_catalog.pg_class x WHERE x.oid >= ${FIRST} AND x.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
  ${rest.map(([catalog, column]) => `UNION ALL SELECT 'pg_catalog.${catalog}'::regclass::oid, x.oid, x.${column}, ${place(catalog)} FROM pg_catalog.${catalog} x WHERE x.oid >= ${FIRST}`).join('\n  ')}
  UNION ALL SELECT 'pg_catalog.pg_largeobject'::regclass::oid, x.oid, x.lomowner, 0::oid FROM pg_catalog.pg_largeobject_metadata x
  UNION ALL SELECT 'pg_catalog.pg_extension'::regclass::oid, x.oid, x.extowner, 0::oid FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_roles r ON r.oid = x.extowner WHERE NOT r.rolsuper AND r.rolname <> current_user
)
SELECT pg_catalog.pg_describe_object(o.classid, o.objid, 0), r.rolname::text FROM mine, o JOIN pg_catalog.pg_roles r ON r.oid = o.owner LEFT JOIN pg_catalog.pg_namespace n ON n.oid = CASE o.classid WHEN 'pg_catalog.pg_namespace'::regclass THEN o.objid ELSE o.space END
WHERE o.owner <> ALL (mine.roles) AND (n.nspname IS NULL OR n.nspname !~ '^pg_(temp|toast)')
  AND NOT (o.classid = 'pg_catalog.pg_namespace'::regclass AND n.nspname = 'public')
  AND NOT (n.nspname = 'cotenant' AND (r.rolsuper OR r.rolname = current_user))
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = o.classid AND d.objid = o.objid AND (d.deptype = 'i' OR (d.deptype = 'e' AND (r.rolsuper OR r.rolname = current_user)) OR (d.deptype = 'a' AND d.refobjsubid > 0 AND (SELECT c.relkind FROM pg_catalog.pg_class c WHERE c.oid = o.objid AND o.classid = 'pg_catalog.pg_class'::regclass) = 'S')))
ORDER BY 1, 2`;
}

/** The schema of an object, where that tells whose it is. */
const PLACES: Readonly<Record<string, string>> = {
  pg_class: 'x.relnamespace',
  pg_type: 'x.typnamespace',
  pg_proc: 'x.pronamespace',
};

/** What a delete ends here. `whole`: the database goes, else what the roles own. */
export function inventoryQuery(roles: readonly string[], whole: boolean): string {
  const mine = (column: string): string => (whole ? 'true' : `${column} = ANY (${oids(roles)})`);
  const user = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
  return [
    `SELECT count(*)::int4, coalesce(string_agg(n.nspname::text, ', ' ORDER BY n.nspname), '') FROM pg_catalog.pg_namespace n WHERE ${user} AND ${mine('n.nspowner')} AND n.nspname <> 'cotenant'`,
    `SELECT n.nspname::text, c.relname::text, c.relkind::text, c.reltuples::float8, pg_catalog.pg_relation_size(c.oid)::float8, pg_catalog.pg_total_relation_size(c.oid)::float8, c.relrowsecurity
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm', 'f', 'v') AND ${user} AND n.nspname <> 'cotenant' AND ${mine('c.relowner')}
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1, 2`,
    `SELECT count(*)::int4 FROM pg_catalog.pg_largeobject_metadata l WHERE ${mine('l.lomowner')}`,
    `SELECT pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(pg_catalog.current_database()))`,
  ].join(';\n');
}

/** Rows of each of these tables, counted. */
export function countQuery(tables: readonly (readonly [schema: string, table: string])[]): string {
  const parts = tables.map(([schema, table]) => `(SELECT count(*) FROM ONLY ${qualified(schema, table)})`);
  return `SELECT (${parts.length === 0 ? '0' : parts.join(' + ')})::float8`;
}

/** Statements for what has no owner and would stand in the way of a drop without CASCADE: casts of the app's types, what PUBLIC is on its foreign servers. */
export function ownerlessQuery(roles: readonly string[]): string {
  return `SELECT 'DROP CAST (' || pg_catalog.format_type(x.castsource, NULL) || ' AS ' || pg_catalog.format_type(x.casttarget, NULL) || ')'
    FROM pg_catalog.pg_cast x JOIN pg_catalog.pg_type s ON s.oid = x.castsource JOIN pg_catalog.pg_type t ON t.oid = x.casttarget
    WHERE x.oid >= ${FIRST} AND ARRAY[s.typowner, t.typowner] && ${oids(roles)} AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_cast'::regclass AND d.objid = x.oid AND d.deptype = 'e')
  UNION ALL
  SELECT 'DROP USER MAPPING FOR PUBLIC SERVER ' || pg_catalog.quote_ident(s.srvname) FROM pg_catalog.pg_user_mappings m JOIN pg_catalog.pg_foreign_server s ON s.oid = m.srvid WHERE m.umuser = 0 AND s.srvowner = ANY (${oids(roles)})
  ORDER BY 1`;
}

/** Which roles own things or have rights, and where: role, database or '' for what all share, owns. */
export function whereaboutsQuery(roles: readonly string[]): string {
  return `SELECT r.rolname::text, coalesce(b.datname::text, ''), bool_or(s.deptype = 'o') FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_roles r ON r.oid = s.refobjid LEFT JOIN pg_catalog.pg_database b ON b.oid = s.dbid
     WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass AND r.rolname = ANY (${nameArray(roles)}) GROUP BY 1, 2 ORDER BY 1, 2`;
}

/** Objects that all databases share and that these roles own: role, class, name. */
export function sharedObjectsQuery(roles: readonly string[]): string {
  return `SELECT r.rolname::text, s.classid::regclass::text, pg_catalog.pg_describe_object(s.classid, s.objid, 0), coalesce((SELECT d.datname::text FROM pg_catalog.pg_database d WHERE s.classid = 'pg_catalog.pg_database'::regclass AND d.oid = s.objid), '')
     FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_roles r ON r.oid = s.refobjid
     WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.dbid = 0 AND s.deptype = 'o' AND r.rolname = ANY (${nameArray(roles)}) ORDER BY 1, 2, 3`;
}

/** What all databases share beside these themselves, and on which these roles have rights: in words, owner or '', access list, whom they passed it on to. */
export function sharedRightsQuery(roles: readonly string[], version: number): string {
  const parameters = `UNION ALL SELECT 'parameter ' || p.parname, ''::text, p.paracl FROM pg_catalog.pg_parameter_acl p`;
  return `WITH mine AS (SELECT ${oids(roles)} AS roles) SELECT s.what, s.owner, s.acl::text[],
      ARRAY(SELECT DISTINCT coalesce(r.rolname::text, '') FROM pg_catalog.aclexplode(s.acl) a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee WHERE a.grantor = ANY (mine.roles) AND a.grantee <> ALL (mine.roles) ORDER BY 1)
    FROM mine, (SELECT 'tablespace ' || pg_catalog.quote_ident(t.spcname), r.rolname::text, t.spcacl FROM pg_catalog.pg_tablespace t JOIN pg_catalog.pg_roles r ON r.oid = t.spcowner
      ${version >= 150000 ? parameters : ''}) s (what, owner, acl)
    WHERE EXISTS (SELECT 1 FROM pg_catalog.aclexplode(s.acl) a WHERE a.grantee = ANY (mine.roles) OR a.grantor = ANY (mine.roles)) ORDER BY 1`;
}

/** Rights on things of others that these roles passed on to others again: grantee or '' for PUBLIC, right and object. They end with the role. */
export function passedOnQuery(roles: readonly string[]): string {
  const lists = [
    ['pg_class', 'relacl', 'relowner'],
    ['pg_namespace', 'nspacl', 'nspowner'],
    ['pg_proc', 'proacl', 'proowner'],
    ['pg_type', 'typacl', 'typowner'],
    ['pg_database', 'datacl', 'datdba'],
    ['pg_foreign_server', 'srvacl', 'srvowner'],
    ['pg_foreign_data_wrapper', 'fdwacl', 'fdwowner'],
  ] as const;
  const each = lists.map(
    ([catalog, acl, owner]) =>
      `SELECT 'pg_catalog.${catalog}'::regclass::oid, x.oid, a.grantee, a.privilege_type FROM mine, pg_catalog.${catalog} x, pg_catalog.aclexplode(x.${acl}) a WHERE a.grantor = ANY (mine.roles) AND a.grantee <> ALL (mine.roles) AND x.${owner} <> ALL (mine.roles)`,
  );
  return `WITH mine AS (SELECT ${oids(roles)} AS roles) SELECT DISTINCT coalesce(r.rolname::text, ''), p.privilege || ' on ' || pg_catalog.pg_describe_object(p.classid, p.objid, 0)
    FROM (${each.join(' UNION ALL ')}) p (classid, objid, grantee, privilege) LEFT JOIN pg_catalog.pg_roles r ON r.oid = p.grantee ORDER BY 1, 2`;
}

/**
 * Things here that name one of these roles in their access list, or are theirs and name others who may enter their schema: kind,
 * the thing in the server's words, owner, access list.
 */
export function rightsQuery(roles: readonly string[]): string {
  const enters = (space: string, list: string): string =>
    `EXISTS (SELECT 1 FROM pg_catalog.aclexplode(${list}) a WHERE a.grantee <> 0 AND a.grantee <> ALL (mine.roles) AND pg_catalog.has_schema_privilege(a.grantee, ${space}, 'USAGE'))`;
  const lists = [
    ['table', 'pg_class', 'pg_class', 'relacl', 'relowner', 'x.relnamespace'],
    ['schema', 'pg_namespace', 'pg_namespace', 'nspacl', 'nspowner', 'x.oid'],
    ['other', 'pg_proc', 'pg_proc', 'proacl', 'proowner', 'x.pronamespace'],
    ['other', 'pg_type', 'pg_type', 'typacl', 'typowner', 'x.typnamespace'],
    ['other', 'pg_language', 'pg_language', 'lanacl', 'lanowner', ''],
    ['other', 'pg_foreign_server', 'pg_foreign_server', 'srvacl', 'srvowner', ''],
    ['other', 'pg_foreign_data_wrapper', 'pg_foreign_data_wrapper', 'fdwacl', 'fdwowner', ''],
    ['other', 'pg_largeobject', 'pg_largeobject_metadata', 'lomacl', 'lomowner', ''],
    ['default', 'pg_default_acl', 'pg_default_acl', 'defaclacl', 'defaclrole', ''],
  ] as const;
  const names = (list: string): string => `EXISTS (SELECT 1 FROM pg_catalog.aclexplode(${list}) a WHERE a.grantee = ANY (mine.roles))`;
  const each = lists.map(
    ([kind, catalog, table, acl, owner, space]) =>
      `SELECT '${kind}', 'pg_catalog.${catalog}'::regclass::oid, x.oid, 0, x.${owner}, x.${acl} FROM mine, pg_catalog.${table} x
       WHERE CASE WHEN x.${owner} = ANY (mine.roles) THEN ${space === '' ? 'false' : enters(space, `x.${acl}`)} ELSE ${names(`x.${acl}`)} END`,
  );
  // Whoever may use the whole table keeps its columns.
  const columns = `SELECT 'table', 'pg_catalog.pg_class'::regclass::oid, c.oid, t.attnum::int4, c.relowner, t.attacl || coalesce(c.relacl, '{}') FROM mine, pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid
    WHERE c.relowner <> ALL (mine.roles) AND NOT t.attisdropped AND ${names('t.attacl')}`;
  return `WITH mine AS (SELECT ${oids(roles)} AS roles) SELECT f.kind, pg_catalog.pg_describe_object(f.classid, f.objid, f.part), r.rolname::text, f.acl::text[]
    FROM (${[...each, columns].join(' UNION ALL ')}) f (kind, classid, objid, part, owner, acl) JOIN pg_catalog.pg_roles r ON r.oid = f.owner ORDER BY 2, 1`;
}

/** Tables of these roles, ready for a statement. Nothing can be attached to one that is locked. */
export function lockQuery(roles: readonly string[]): string {
  return `SELECT c.oid::regclass::text FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p') AND c.relowner = ANY (${oids(roles)}) ORDER BY c.oid`;
}
