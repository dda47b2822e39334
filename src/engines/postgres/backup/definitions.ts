import { nameArray } from '../quote.ts';

const NOT_OF_AN_EXTENSION = (catalog: string, oid: string): string => notOf(`'${catalog}'::regclass`, oid);

function notOf(catalog: string, oid: string): string {
  return `NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = ${catalog} AND e.objid = ${oid} AND e.deptype = 'e')`;
}

/** A list, and not texts in a row: what leaves one value and turns up in the next would have the same hash. */
const hash = (...values: readonly string[]): string => `md5(json_build_array(${values.join(', ')})::text)`;

/** Without what the server keeps there for itself, as 17.12 does: it differs after every restore. */
const OPTIONS = `(SELECT json_agg(o ORDER BY o) FROM unnest(a.attoptions) AS o WHERE NOT starts_with(o, 'pg_'))`;
const COLUMNS = `(SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, nullif(a.attcollation, t.typcollation)::regcollation, pg_get_expr(d.adbin, d.adrelid), a.attstorage, a.attcompression, nullif(a.attstattarget, -1), ${OPTIONS}) ORDER BY a.attnum) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`;
const PARENTS = `(SELECT json_agg(i.inhparent::regclass::text ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid)`;
const OWNED_BY = `(SELECT json_agg(json_build_array(o.refobjid::regclass::text, a.attname, o.deptype)) FROM pg_depend o JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass AND o.objid = c.oid AND o.deptype IN ('a', 'i'))`;

/** kind, name, hash of the definition, and where its rows are, for whatever a dump of these schemas holds. Names are qualified, since the search path is the server's. */
export function definitions(schemas: readonly string[]): string {
  const mine = `n.nspname = ANY (${nameArray(schemas)})`;
  return [...relations(mine), ...onRelations(mine), ...others(mine), comments(mine)].join(';\n');
}

const PLACE = `quote_ident(n.nspname) || '.'`;

function relations(mine: string): readonly string[] {
  return [
    `SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table' ELSE 'composite type' END, ${PLACE} || quote_ident(c.relname),
      ${hash(COLUMNS, PARENTS, 'pg_get_expr(c.relpartbound, c.oid)', "CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END", 'c.relpersistence', 'c.relrowsecurity', 'c.relforcerowsecurity', 'c.reloptions', 'c.relreplident', 'nullif(c.reloftype, 0)::regtype')},
      CASE c.relkind WHEN 'r' THEN n.nspname END, CASE c.relkind WHEN 'r' THEN c.relname END
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${mine} AND c.relkind IN ('r', 'p', 'f', 'c') AND ${NOT_OF_AN_EXTENSION('pg_class', 'c.oid')}`,
    `SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, ${PLACE} || quote_ident(c.relname), ${hash('pg_get_viewdef(c.oid)', 'c.reloptions', COLUMNS)}, NULL, NULL
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${mine} AND c.relkind IN ('v', 'm') AND ${NOT_OF_AN_EXTENSION('pg_class', 'c.oid')}`,
    `SELECT 'sequence', ${PLACE} || quote_ident(c.relname), ${hash('format_type(s.seqtypid, NULL)', 's.seqstart', 's.seqincrement', 's.seqmax', 's.seqmin', 's.seqcache', 's.seqcycle', 'c.relpersistence', OWNED_BY)}, n.nspname, c.relname
      FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${mine} AND ${NOT_OF_AN_EXTENSION('pg_class', 'c.oid')}`,
  ];
}

function onRelations(mine: string): readonly string[] {
  const of = `JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${mine}`;
  return [
    `SELECT 'index', ${PLACE} || quote_ident(c.relname), ${hash('pg_get_indexdef(c.oid)', 'i.indisvalid', 'i.indisclustered', 'i.indisreplident')}, NULL, NULL
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid ${of} AND ${NOT_OF_AN_EXTENSION('pg_class', 'i.indrelid')}`,
    `SELECT 'constraint', ${PLACE} || quote_ident(coalesce(c.relname, t.typname)) || '.' || quote_ident(k.conname), ${hash('pg_get_constraintdef(k.oid)', 'k.convalidated')}, NULL, NULL
      FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_type t ON t.oid = k.contypid WHERE ${mine} AND ${NOT_OF_AN_EXTENSION('pg_class', 'k.conrelid')} AND ${NOT_OF_AN_EXTENSION('pg_type', 'k.contypid')}`,
    `SELECT 'trigger', ${PLACE} || quote_ident(c.relname) || '.' || quote_ident(g.tgname), ${hash('pg_get_triggerdef(g.oid)', 'g.tgenabled')}, NULL, NULL
      FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid ${of} AND NOT g.tgisinternal`,
    `SELECT 'rule', ${PLACE} || quote_ident(c.relname) || '.' || quote_ident(r.rulename), ${hash('pg_get_ruledef(r.oid)', 'r.ev_enabled')}, NULL, NULL
      FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class ${of} AND r.rulename <> '_RETURN'`,
    `SELECT 'policy', ${PLACE} || quote_ident(c.relname) || '.' || quote_ident(p.polname), ${hash('p.polcmd', 'p.polpermissive', 'pg_get_expr(p.polqual, p.polrelid)', 'pg_get_expr(p.polwithcheck, p.polrelid)', '(SELECT json_agg(r.rolname ORDER BY r.rolname) FROM pg_roles r WHERE r.oid = ANY (p.polroles))')}, NULL, NULL
      FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid ${of}`,
    `SELECT 'statistics', ${PLACE} || quote_ident(s.stxname), ${hash('pg_get_statisticsobjdef(s.oid)', 'nullif(s.stxstattarget, -1)')}, NULL, NULL FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${mine}`,
  ];
}

function others(mine: string): readonly string[] {
  const aggregate = `(SELECT to_jsonb(g) - '{aggfnoid,aggtranstype,aggmtranstype,aggsortop}'::text[] || jsonb_build_array(format_type(g.aggtranstype, NULL), nullif(g.aggsortop, 0)::regoperator) FROM pg_aggregate g WHERE g.aggfnoid = p.oid)`;
  const range = `(SELECT json_build_array(format_type(r.rngsubtype, NULL), nullif(r.rngcollation, 0)::regcollation, r.rngcanonical, r.rngsubdiff, format_type(r.rngmultitypid, NULL)) FROM pg_range r WHERE r.rngtypid = t.oid)`;
  const labels = `(SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)`;
  const mapped = `(SELECT json_agg(json_build_array(m.maptokentype, m.mapdict::regdictionary) ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = t.oid)`;
  return [
    `SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, ${PLACE} || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')', ${hash(`CASE p.prokind WHEN 'a' THEN ${aggregate}::text ELSE pg_get_functiondef(p.oid) END`)}, NULL, NULL
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${mine} AND ${NOT_OF_AN_EXTENSION('pg_proc', 'p.oid')}`,
    `SELECT 'type', ${PLACE} || quote_ident(t.typname), ${hash('t.typtype', 'format_type(t.typbasetype, t.typtypmod)', 't.typnotnull', 't.typdefault', "CASE t.typtype WHEN 'd' THEN nullif(t.typcollation, 0)::regcollation END", labels, range)}, NULL, NULL
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${mine} AND t.typtype IN ('e', 'd', 'r') AND ${NOT_OF_AN_EXTENSION('pg_type', 't.oid')}`,
    `SELECT 'operator', o.oid::regoperator::text, ${hash('o.oprcode::regprocedure', 'o.oprrest', 'o.oprjoin', 'nullif(o.oprcom, 0)::regoperator', 'nullif(o.oprnegate, 0)::regoperator', 'o.oprcanmerge', 'o.oprcanhash')}, NULL, NULL
      FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE ${mine} AND o.oprcode <> 0 AND ${NOT_OF_AN_EXTENSION('pg_operator', 'o.oid')}`,
    `SELECT 'collation', ${PLACE} || quote_ident(c.collname), ${hash("to_jsonb(c) - '{oid,collnamespace,collowner,collversion}'::text[]")}, NULL, NULL
      FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE ${mine} AND ${NOT_OF_AN_EXTENSION('pg_collation', 'c.oid')}`,
    `SELECT 'conversion', ${PLACE} || quote_ident(c.conname), ${hash("to_jsonb(c) - '{oid,connamespace,conowner}'::text[]")}, NULL, NULL
      FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE ${mine} AND ${NOT_OF_AN_EXTENSION('pg_conversion', 'c.oid')}`,
    `SELECT 'text search dictionary', ${PLACE} || quote_ident(t.dictname), ${hash('t.dictinitoption', '(SELECT json_build_array(x.tmplnamespace::regnamespace, x.tmplname) FROM pg_ts_template x WHERE x.oid = t.dicttemplate)')}, NULL, NULL
      FROM pg_ts_dict t JOIN pg_namespace n ON n.oid = t.dictnamespace WHERE ${mine} AND ${NOT_OF_AN_EXTENSION('pg_ts_dict', 't.oid')}`,
    `SELECT 'text search configuration', ${PLACE} || quote_ident(t.cfgname), ${hash(mapped, '(SELECT json_build_array(x.prsnamespace::regnamespace, x.prsname) FROM pg_ts_parser x WHERE x.oid = t.cfgparser)')}, NULL, NULL
      FROM pg_ts_config t JOIN pg_namespace n ON n.oid = t.cfgnamespace WHERE ${mine} AND ${NOT_OF_AN_EXTENSION('pg_ts_config', 't.oid')}`,
  ];
}

/** On anything in these schemas. Those on the server's own have a smaller number. */
function comments(mine: string): string {
  return `SELECT 'comment', i.type || ' ' || i.identity, md5(d.description), NULL, NULL
      FROM pg_description d CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i JOIN pg_namespace n ON n.nspname = i.schema WHERE d.objoid >= 16384 AND ${mine} AND ${notOf('d.classoid', 'd.objoid')}`;
}

/** Casts from or to types in these schemas: no dump of schemas has them. */
export function castsIn(schemas: readonly string[]): string {
  return `SELECT k.castsource::pg_catalog.regtype::text || ' AS ' || k.casttarget::pg_catalog.regtype::text FROM pg_cast k WHERE ${NOT_OF_AN_EXTENSION('pg_cast', 'k.oid')} AND EXISTS (SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid IN (k.castsource, k.casttarget) AND n.nspname = ANY (${nameArray(schemas)})) ORDER BY 1`;
}
