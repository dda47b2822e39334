const who = (oid: string): string => `pg_catalog.pg_get_userbyid(${oid})::text`;
const named = (table: string, space: string): string =>
  `pg_catalog.quote_ident(${space}.nspname) || '.' || pg_catalog.quote_ident(${table}.relname)`;

/**
 * Foreign keys, in the shape of a `CarrierRow`. The server looks up new rows as the owner of the table that is referenced, and
 * rows that refer to one that goes as the owner of the other: by a statement with names, so both need their schema. And
 * functions in indexes, which ANALYZE and REINDEX call as the owner of the table.
 */
export const KEYS = `WITH key AS (SELECT pg_catalog.quote_ident(x.conname) AS name, f.relowner AS from_owner, f.relacl AS from_acl, n.nspowner AS from_space_owner, n.nspacl AS from_space,
      n.nspname::text AS from_schema, f.relname::text AS from_name, ${named('f', 'n')} AS from_table, p.relowner AS to_owner, p.relacl AS to_acl, m.nspowner AS to_space_owner, m.nspacl AS to_space,
      m.nspname::text AS to_schema, p.relname::text AS to_name, ${named('p', 'm')} AS to_table
    FROM pg_catalog.pg_constraint x JOIN pg_catalog.pg_class f ON f.oid = x.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = f.relnamespace
      JOIN pg_catalog.pg_class p ON p.oid = x.confrelid JOIN pg_catalog.pg_namespace m ON m.oid = p.relnamespace WHERE x.contype = 'f' AND x.conparentid = 0)
  SELECT 'foreign key', name || ' of ' || from_table, ${who('to_owner')}, ${who('from_owner')}, from_acl, ${who('from_space_owner')}, from_space, to_schema, to_name, NULL, '', to_table, NULL
    FROM key WHERE NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = to_owner)
  UNION ALL SELECT 'referenced table', to_table || ' by ' || name || ' of ' || from_table, ${who('from_owner')}, ${who('to_owner')}, to_acl, ${who('to_space_owner')}, to_space, from_schema, from_name, NULL, '', from_table, NULL
    FROM key WHERE NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = from_owner)
  UNION ALL SELECT 'index', ${named('i', 'n')}, ${who('c.relowner')}, ${who('c.relowner')}, c.relacl, ${who('n.nspowner')}, n.nspacl, k.nspname::text, NULL, NULL, '', ${named('c', 'n')}, f.oid::pg_catalog.regprocedure::text
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class i ON i.oid = d.objid JOIN pg_catalog.pg_index x ON x.indexrelid = i.oid JOIN pg_catalog.pg_class c ON c.oid = x.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_proc f ON f.oid = d.refobjid JOIN pg_catalog.pg_namespace k ON k.oid = f.pronamespace
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND f.oid >= 16384 AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = c.relowner)
  ORDER BY 1, 2`;
