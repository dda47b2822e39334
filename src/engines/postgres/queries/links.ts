/** server, its owner, database, host, port that it names, role of a mapping or '' for PUBLIC or null for none, login that the mapping names, others who come through it or '' for PUBLIC */
export type LinkRow = readonly [
  server: string,
  owner: string,
  database: string | null,
  host: string | null,
  port: string | null,
  mapped: string | null,
  login: string | null,
  users: readonly string[],
];

const option = (of: string, names: string, more = ''): string =>
  `(SELECT o.option_value FROM pg_catalog.pg_options_to_table(${of}) o WHERE o.option_name ${names}${more})`;
const inList = "(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)))";

/**
 * Foreign servers of a database and who is mapped to them. No password is read. A mapping for everybody serves whoever may use
 * the server, or read one of its tables. A view reads through the mapping of its owner, whoever asks.
 */
export const LINKS = `WITH RECURSIVE over AS (
    SELECT DISTINCT r.ev_class AS rel, d.refobjid AS needs FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d
      ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class WHERE r.oid >= 16384),
  via (rel, owner, server) AS (
    SELECT v.rel, c.relowner, f.ftserver FROM over v JOIN pg_catalog.pg_foreign_table f ON f.ftrelid = v.needs JOIN pg_catalog.pg_class c ON c.oid = v.rel
    UNION SELECT v.rel, b.owner, b.server FROM over v JOIN via b ON b.rel = v.needs)
  SELECT s.srvname::text, pg_catalog.pg_get_userbyid(s.srvowner)::text, ${option('s.srvoptions', "= 'dbname'")},
    ${option('s.srvoptions', "IN ('hostaddr', 'host')", " AND o.option_value <> '' ORDER BY o.option_name DESC LIMIT 1")},
    ${option('s.srvoptions', "= 'port'")},
    CASE WHEN m.umid IS NULL THEN NULL WHEN m.umuser = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(m.umuser)::text END, ${option('m.umoptions', "= 'user'")},
    ARRAY(SELECT CASE WHEN x.who = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(x.who)::text END FROM (
      SELECT a.grantee AS who FROM pg_catalog.aclexplode(s.srvacl) a WHERE m.umuser = 0
      UNION SELECT a.grantee FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid, pg_catalog.aclexplode${inList} a WHERE f.ftserver = s.oid AND m.umuser = 0
      UNION SELECT a.grantee FROM via v JOIN pg_catalog.pg_class c ON c.oid = v.rel, pg_catalog.aclexplode${inList} a WHERE v.server = s.oid AND (m.umuser = 0 OR v.owner = m.umuser)
    ) x WHERE x.who <> s.srvowner ORDER BY 1)
  FROM pg_catalog.pg_foreign_server s LEFT JOIN pg_catalog.pg_user_mappings m ON m.srvid = s.oid ORDER BY 1, 6`;

/** subscription, owner, database that it lies in, database, host and port that it names. A superuser's only. */
export type SubscribedRow = readonly [
  name: string,
  owner: string,
  database: string,
  from: string | null,
  host: string | null,
  port: string | null,
  login: string | null,
  enabled: boolean,
];

// `key=value`, or a URL, of which no part with a password is read.
const word = (name: string): string => `(pg_catalog.regexp_match(s.subconninfo, '(?:^|\\s)${name}\\s*=\\s*''?([^''\\s]+)'))[1]`;
const URL_AT = '^postgres(?:ql)?://(?:[^@/]*@)?';
const part = (pattern: string): string => `nullif((pg_catalog.regexp_match(s.subconninfo, '${URL_AT}${pattern}'))[1], '')`;
const parameter = (name: string): string => `(pg_catalog.regexp_match(s.subconninfo, '${URL_AT}[^?]*\\?(?:.*&)?${name}=([^&]*)'))[1]`;
const HOST = '(?:\\[[^\\]]*\\]|[^/?:]*)';

const said = (name: string, url: string): string =>
  `CASE WHEN s.subconninfo ~ '^postgres(ql)?://' THEN coalesce(${parameter(name)}, ${url}) ELSE ${word(name)} END`;

export const SUBSCRIBED = `SELECT s.subname::text, pg_catalog.pg_get_userbyid(s.subowner)::text, d.datname::text, ${said('dbname', part('[^/?]*/([^?]*)'))},
    coalesce(${said('hostaddr', 'NULL')}, ${said('host', `pg_catalog.btrim(${part(`(${HOST})`)}, '[]')`)}), ${said('port', part(`${HOST}:([0-9]+)`))}, ${said('user', `(pg_catalog.regexp_match(s.subconninfo, '^postgres(?:ql)?://([^:@/]+)(?::[^@/]*)?@'))[1]`)}, s.subenabled
  FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid ORDER BY 1, 3`;
