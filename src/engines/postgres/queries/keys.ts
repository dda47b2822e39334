const who = (oid: string): string => `pg_catalog.pg_get_userbyid(${oid})::text`;
const named = (table: string, space: string): string =>
  `pg_catalog.quote_ident(${space}.nspname) || '.' || pg_catalog.quote_ident(${table}.relname)`;

/**
 * Foreign keys, in the shape of a `CarrierRow`. The server looks up new rows as the owner of the table that is referenced, and
 * rows that refer to one that goes as the owner of the other: by a statement with names, so both need their schema, and that
 * of an operator that is not the server's. And functions in indexes, which ANALYZE and REINDEX call as the owner of the table; and
 * what functions of the server a body calls that the server understands: it keeps no dependency on those.
 */
export const KEYS = `WITH key AS (SELECT pg_catalog.quote_ident(x.conname) AS name, f.relowner AS from_owner, f.relacl AS from_acl, n.nspowner AS from_space_owner, n.nspacl AS from_space,
      n.nspname::text AS from_schema, f.relname::text AS from_name, ${named('f', 'n')} AS from_table, p.relowner AS to_owner, p.relacl AS to_acl, m.nspowner AS to_space_owner, m.nspacl AS to_space,
      m.nspname::text AS to_schema, p.relname::text AS to_name, ${named('p', 'm')} AS to_table,
      ARRAY(SELECT DISTINCT s.nspname::text FROM unnest(x.conpfeqop) o (oid) JOIN pg_catalog.pg_operator q ON q.oid = o.oid JOIN pg_catalog.pg_namespace s ON s.oid = q.oprnamespace WHERE s.nspname <> 'pg_catalog') AS operators
    FROM pg_catalog.pg_constraint x JOIN pg_catalog.pg_class f ON f.oid = x.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = f.relnamespace
      JOIN pg_catalog.pg_class p ON p.oid = x.confrelid JOIN pg_catalog.pg_namespace m ON m.oid = p.relnamespace WHERE x.contype = 'f' AND x.conparentid = 0)
  SELECT 'foreign key', key.name || ' of ' || from_table, ${who('to_owner')}, ${who('from_owner')}, from_acl, ${who('from_space_owner')}, from_space, needs.schema, needs.name, NULL, '', to_table, NULL
    FROM key, LATERAL (SELECT to_schema, to_name UNION SELECT o, NULL FROM unnest(operators) o) AS needs (schema, name) WHERE NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = to_owner)
  UNION ALL SELECT 'referenced table', to_table || ' by ' || key.name || ' of ' || from_table, ${who('from_owner')}, ${who('to_owner')}, to_acl, ${who('to_space_owner')}, to_space, needs.schema, needs.name, NULL, '', from_table, NULL
    FROM key, LATERAL (SELECT from_schema, from_name UNION SELECT o, NULL FROM unnest(operators) o) AS needs (schema, name) WHERE NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = from_owner)
  UNION ALL SELECT 'index', ${named('i', 'n')}, ${who('c.relowner')}, ${who('c.relowner')}, c.relacl, ${who('n.nspowner')}, n.nspacl, k.nspname::text, NULL, NULL, '', ${named('c', 'n')}, f.oid::pg_catalog.regprocedure::text
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class i ON i.oid = d.objid JOIN pg_catalog.pg_index x ON x.indexrelid = i.oid JOIN pg_catalog.pg_class c ON c.oid = x.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_proc f ON f.oid = d.refobjid JOIN pg_catalog.pg_namespace k ON k.oid = f.pronamespace
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND f.oid >= 16384 AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = c.relowner)
  UNION ALL SELECT 'function', p.oid::pg_catalog.regprocedure::text, ${who('p.proowner')}, ${who('p.proowner')}, p.proacl, ${who('n.nspowner')}, n.nspacl, 'pg_catalog', NULL, NULL, '', p.oid::pg_catalog.regprocedure::text, 'pg_catalog.' || called.name || '()'
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace, LATERAL (SELECT DISTINCT m[1] AS name FROM regexp_matches(pg_catalog.pg_get_function_sqlbody(p.oid), '(pg_logical_emit_message|pg_advisory_\\w+|pg_try_advisory_\\w+)\\(', 'g') m) called
    WHERE p.oid >= 16384 AND p.prosecdef AND p.prosqlbody IS NOT NULL AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = p.proowner)
  ORDER BY 1, 2`;
