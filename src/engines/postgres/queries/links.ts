/** server, its owner, database, host, port that it names, role of a mapping or '' for PUBLIC or null for none, login that the mapping names, roles that may use the server */
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

/** Foreign servers of a database and who is mapped to them. No password is read. */
export const LINKS = `SELECT s.srvname::text, pg_catalog.pg_get_userbyid(s.srvowner)::text,
    (SELECT o.option_value FROM pg_catalog.pg_options_to_table(s.srvoptions) o WHERE o.option_name = 'dbname'),
    (SELECT o.option_value FROM pg_catalog.pg_options_to_table(s.srvoptions) o WHERE o.option_name IN ('hostaddr', 'host') AND o.option_value <> '' ORDER BY o.option_name DESC LIMIT 1),
    (SELECT o.option_value FROM pg_catalog.pg_options_to_table(s.srvoptions) o WHERE o.option_name = 'port'),
    CASE WHEN m.umid IS NULL THEN NULL WHEN m.umuser = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(m.umuser)::text END,
    (SELECT o.option_value FROM pg_catalog.pg_options_to_table(m.umoptions) o WHERE o.option_name = 'user'),
    ARRAY(SELECT pg_catalog.pg_get_userbyid(a.grantee)::text FROM pg_catalog.aclexplode(s.srvacl) a WHERE a.grantee <> 0 AND a.grantee <> s.srvowner ORDER BY 1)
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
    coalesce(${said('hostaddr', 'NULL')}, ${said('host', `pg_catalog.btrim(${part(`(${HOST})`)}, '[]')`)}), ${said('port', part(`${HOST}:([0-9]+)`))}, ${word('user')}
  FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid ORDER BY 1, 3`;
