import { FIRST } from '../../queries/database.ts';

/** Catalogs of the server that hold what nobody else should see: pg_authid, pg_largeobject, pg_statistic, pg_user_mapping, pg_subscription. */
const SECRET = [1260, 2613, 2619, 1418, 6100];
/** Numbers of catalogs as pg_depend names them. */
const ON = {
  class: 1259,
  proc: 1255,
  attrdef: 2604,
  constraint: 2606,
  rewrite: 2618,
  trigger: 2620,
  policy: 3256,
  statistics: 3381,
  operator: 2617,
  cast: 2605,
};

/** Functions of users that something of that catalog calls; `d` is the row of pg_depend. */
const calls = (catalog: number): string => `d.classid = ${catalog} AND d.refclassid = ${ON.proc} AND d.refobjid >= ${FIRST}`;

/**
 * What depends on what: kind, relation (0 for what is on none), what it depends on, name, owner of what is on none. Whatever carries
 * data or runs code across has to be one of these; pg_depend has them all but for the server's own catalogs, which the text of a
 * rule names.
 */
export const EDGES = [
  `SELECT CASE WHEN r.ev_type = '1' THEN 'view' ELSE 'rule' END, r.ev_class, d.refobjid, r.rulename::text, '' FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.classid = ${ON.rewrite} AND d.objid = r.oid
     WHERE r.oid >= ${FIRST} AND d.refclassid = ${ON.class} AND d.refobjid >= ${FIRST} AND d.deptype = 'n' AND d.refobjid <> r.ev_class`,
  `SELECT CASE WHEN r.ev_type = '1' THEN 'view calls' ELSE 'rule calls' END, r.ev_class, d.refobjid, r.rulename::text, '' FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.objid = r.oid
     WHERE r.oid >= ${FIRST} AND ${calls(ON.rewrite)}`,
  `SELECT 'rule on', r.ev_class, 0::oid, r.rulename::text, '' FROM pg_catalog.pg_rewrite r WHERE r.oid >= ${FIRST} AND r.ev_type <> '1'`,
  `SELECT 'secret', r.ev_class, s.oid, r.rulename::text, '' FROM pg_catalog.pg_rewrite r, pg_catalog.unnest('{${SECRET.join(',')}}'::oid[]) s (oid)
     WHERE r.oid >= ${FIRST} AND pg_catalog.strpos(r.ev_action::text, ':relid ' || s.oid || ' ') > 0`,
  `SELECT 'trigger', t.tgrelid, t.tgfoid, t.tgname::text, '' FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal AND t.tgfoid >= ${FIRST}`,
  `SELECT 'default', a.adrelid, d.refobjid, '', '' FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attrdef a ON a.oid = d.objid WHERE ${calls(ON.attrdef)}`,
  `SELECT 'sequence', a.adrelid, d.refobjid, '', '' FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attrdef a ON a.oid = d.objid WHERE d.classid = ${ON.attrdef} AND d.refclassid = ${ON.class} AND d.refobjid >= ${FIRST} AND d.refobjid <> a.adrelid`,
  `SELECT 'check', c.conrelid, d.refobjid, c.conname::text, '' FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_constraint c ON c.oid = d.objid WHERE ${calls(ON.constraint)} AND c.conrelid <> 0`,
  `SELECT 'policy', p.polrelid, d.refobjid, p.polname::text, '' FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_policy p ON p.oid = d.objid WHERE ${calls(ON.policy)}`,
  `SELECT 'index', i.indrelid, d.refobjid, '', '' FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_index i ON i.indexrelid = d.objid WHERE ${calls(ON.class)}`,
  `SELECT 'statistics', s.stxrelid, d.refobjid, s.stxname::text, '' FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_statistic_ext s ON s.oid = d.objid WHERE ${calls(ON.statistics)}`,
  `SELECT 'operator', 0::oid, d.refobjid, o.oprname::text, pg_catalog.pg_get_userbyid(o.oprowner)::text FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_operator o ON o.oid = d.objid WHERE ${calls(ON.operator)}`,
  `SELECT 'cast', 0::oid, d.refobjid, t.typname::text, pg_catalog.pg_get_userbyid(t.typowner)::text FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_cast c ON c.oid = d.objid JOIN pg_catalog.pg_type t ON t.oid = greatest(c.castsource, c.casttarget) WHERE ${calls(ON.cast)}`,
  `SELECT 'child', h.inhrelid, h.inhparent, '', '' FROM pg_catalog.pg_inherits h`,
  `SELECT CASE WHEN c.confdeltype IN ('c', 'n', 'd') THEN 'cascading key' ELSE 'key' END, c.conrelid, c.confrelid, c.conname::text, '' FROM pg_catalog.pg_constraint c WHERE c.contype = 'f'`,
  `SELECT 'type', a.attrelid, CASE WHEN t.typelem <> 0 THEN t.typelem ELSE t.oid END, a.attname::text, '' FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
     WHERE a.atttypid >= ${FIRST} AND a.attrelid >= ${FIRST} AND a.attnum > 0 AND NOT a.attisdropped`,
].join('\nUNION ALL ');

/** Members of extensions that did not come with them: somebody added them, or an update brought them. */
export const ADDED = `SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid WHERE d.refclassid = 3079 AND d.deptype = 'e' AND d.xmin <> e.xmin`;
