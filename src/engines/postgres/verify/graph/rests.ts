import { CATALOG, FIRST } from '../../queries/database.ts';

/** Numbers of catalogs as pg_depend names them. */
const ON = { opclass: 2616, opfamily: 2753, publication: 6104, publicationTable: 6106, publicationSchema: 6237, largeObject: 2613 };
/** What has no owner of its own, as an index, a constraint or a policy, is part of one of these. */
const WHOLES = [CATALOG.pg_class, CATALOG.pg_type, ON.opclass, ON.opfamily, ON.publication];
/** What nobody owns: casts and transforms. They are used through their types, so they are as good as their types' owners'. */
const UNOWNED = [2605, 3576];
/** Catalogs of what runs somebody's code. */
const CODE = [CATALOG.pg_proc, CATALOG.pg_language, 2617, ON.opclass, ON.opfamily];

/** Somebody's object that rests on an object of somebody else. */
export type RestRow = readonly [
  /** '': the operator's. */
  owner: string,
  what: string,
  /** Number of the relation that it is, or is a part of. */
  whole: string,
  otherOwner: string,
  other: string,
  otherNumber: string,
  /** The other one is, or runs, code. */
  code: boolean,
];

/**
 * Whatever rests on something of another owner, of every kind: the server's own list of dependencies, with owners from its list of
 * shared ones. What a schema says about what lies in it has checks of its own.
 */
export const RESTS = `WITH RECURSIVE owned AS MATERIALIZED (
    SELECT h.classid, h.objid, h.refobjid AS role FROM pg_catalog.pg_shdepend h JOIN pg_catalog.pg_database b ON b.oid = h.dbid
    WHERE b.datname = pg_catalog.current_database() AND h.deptype = 'o'),
  d AS MATERIALIZED (
    SELECT x.classid, x.objid, x.refclassid, x.refobjid, x.deptype FROM pg_catalog.pg_depend x
    WHERE x.objid >= ${FIRST} AND x.refobjid >= ${FIRST} AND x.deptype = ANY ('{n,a,i,P,S}')
      AND (x.refclassid <> ${CATALOG.pg_namespace} OR x.classid = ${ON.publicationSchema})),
  part AS MATERIALIZED (
    SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM d
    WHERE d.deptype <> 'n' AND d.refclassid = ANY ('{${WHOLES.join(',')}}') AND NOT (d.classid = ${ON.publicationTable} AND d.refclassid = ${CATALOG.pg_class})
      AND NOT EXISTS (SELECT 1 FROM owned o WHERE o.classid = d.classid AND o.objid = d.objid)),
  who (classid, objid, role, whole) AS (
    SELECT o.classid, o.objid, o.role, CASE WHEN o.classid = ${CATALOG.pg_class} THEN o.objid ELSE 0 END FROM owned o
    UNION SELECT p.classid, p.objid, w.role, w.whole FROM part p JOIN who w ON w.classid = p.refclassid AND w.objid = p.refobjid)
  SELECT DISTINCT coalesce(pg_catalog.pg_get_userbyid(a.role)::text, ''), pg_catalog.pg_describe_object(d.classid, d.objid, 0), coalesce(a.whole, 0)::int8,
    pg_catalog.pg_get_userbyid(b.role)::text, pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0), d.refobjid::int8, d.refclassid = ANY ('{${CODE.join(',')}}')
  FROM d JOIN who b ON b.classid = d.refclassid AND b.objid = d.refobjid LEFT JOIN who a ON a.classid = d.classid AND a.objid = d.objid
  WHERE a.role IS DISTINCT FROM b.role AND NOT (d.classid = ANY ('{${UNOWNED.join(',')}}') AND EXISTS (SELECT 1 FROM d t JOIN who w ON w.classid = t.refclassid AND w.objid = t.refobjid
    WHERE t.classid = d.classid AND t.objid = d.objid AND t.refclassid = ${CATALOG.pg_type} AND w.role = b.role))
  ORDER BY 2, 5`;

/** What the server came with and belongs to somebody: owner, what. Somebody who wrote the catalogs left no trace in the list. */
export const SERVERS_OWN = `SELECT pg_catalog.pg_get_userbyid(h.refobjid)::text, pg_catalog.pg_describe_object(h.classid, h.objid, 0) FROM pg_catalog.pg_shdepend h
    JOIN pg_catalog.pg_database b ON b.oid = h.dbid WHERE b.datname = pg_catalog.current_database() AND h.deptype = 'o' AND h.objid < ${FIRST} AND h.classid <> ALL ('{${CATALOG.pg_namespace},${ON.largeObject}}')
  UNION SELECT pg_catalog.pg_get_userbyid(p.proowner)::text, pg_catalog.pg_describe_object(${CATALOG.pg_proc}, p.oid, 0) FROM pg_catalog.pg_proc p WHERE p.oid < ${FIRST} AND p.proowner <> 10
  UNION SELECT pg_catalog.pg_get_userbyid(c.relowner)::text, pg_catalog.pg_describe_object(${CATALOG.pg_class}, c.oid, 0) FROM pg_catalog.pg_class c WHERE c.oid < ${FIRST} AND c.relowner <> 10
  UNION SELECT pg_catalog.pg_get_userbyid(l.lanowner)::text, pg_catalog.pg_describe_object(${CATALOG.pg_language}, l.oid, 0) FROM pg_catalog.pg_language l WHERE l.oid < ${FIRST} AND l.lanowner <> 10
  ORDER BY 1, 2`;

/** Views of the server that come to something which nobody else should see, when nobody replaced them. */
const STOCK = [
  'pg_shadow',
  'pg_roles',
  'pg_group',
  'pg_policies',
  'pg_prepared_xacts',
  'pg_seclabels',
  'pg_stat_activity',
  'pg_stat_replication',
  'pg_user_mappings',
  'pg_stats',
  'pg_stats_ext',
  'pg_stats_ext_exprs',
  'pg_stat_subscription',
  'pg_stat_subscription_stats',
];
/** The server's own views are older than the language that every database comes with, and were made within so many transactions. */
const MADE = `(SELECT least(coalesce(pg_catalog.min(e.xmin::text::int8), 1000), 1000) FROM pg_catalog.pg_extension e WHERE e.extname = 'plpgsql' AND e.oid < ${FIRST})`;
const PASSWORDS = `v.said LIKE '%:relid 1260 %' AND v.said LIKE '%:varattno 11 %' AND v.name <> 'pg_shadow'`;

/** Views of the server that somebody replaced, and what they lead to now: name, what. */
export const SERVERS_VIEWS = `WITH v AS MATERIALIZED (
    SELECT r.oid, r.ev_class::regclass::text AS name, r.ev_action::text AS said FROM pg_catalog.pg_rewrite r WHERE r.oid < ${FIRST} AND r.xmin::text::int8 > ${MADE})
  SELECT v.name, pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0) FROM v JOIN pg_catalog.pg_depend d ON d.classid = 2618 AND d.objid = v.oid AND d.refobjid >= ${FIRST}
  UNION SELECT v.name, s.oid::regclass::text FROM v, pg_catalog.unnest('{1260,2613,2619,3429,1418,6100}'::oid[]) s (oid)
    WHERE pg_catalog.strpos(v.said, ':relid ' || s.oid || ' ') > 0 AND v.name <> ALL ('{${STOCK.join(',')}}') AND v.name NOT LIKE 'information_schema.%'
  UNION SELECT v.name, 'the passwords in pg_authid' FROM v WHERE ${PASSWORDS} ORDER BY 1, 2`;
