const relation = (of: string): string =>
  `(SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ${of})`;

/** Of a column whose type goes: a type of the server's own with the same text. null: no such. */
const PLAIN = `(SELECT CASE WHEN e.typtype = 'e' THEN 'text' || repeat('[]', (e.oid <> t.oid)::int4) WHEN e.typtype = 'd' THEN pg_catalog.format_type(e.typbasetype, e.typtypmod) || repeat('[]', (e.oid <> t.oid)::int4) END
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END WHERE t.oid = a.atttypid)`;

/**
 * The statement that lets the object `f` go on without what of `mine` it depends on, and keeps every row. Text or null: some
 * have none, as a view, whose definition would be lost, or a policy, without which other rows would be seen.
 */
export const REMEDY = `CASE f.classid
  WHEN 'pg_catalog.pg_constraint'::regclass THEN (SELECT 'ALTER TABLE ' || ${relation('x.conrelid')} || pg_catalog.format(' DROP CONSTRAINT %I', x.conname)
    FROM pg_catalog.pg_constraint x WHERE x.oid = f.objid AND x.contype IN ('f', 'c') AND x.conrelid <> 0 AND x.conparentid = 0 AND x.coninhcount = 0)
  WHEN 'pg_catalog.pg_attrdef'::regclass THEN (SELECT 'ALTER TABLE ' || ${relation('x.adrelid')} || pg_catalog.format(' ALTER COLUMN %I DROP DEFAULT', a.attname)
    FROM pg_catalog.pg_attrdef x JOIN pg_catalog.pg_attribute a ON a.attrelid = x.adrelid AND a.attnum = x.adnum WHERE x.oid = f.objid AND a.attgenerated = '')
  WHEN 'pg_catalog.pg_publication_rel'::regclass THEN (SELECT pg_catalog.format('ALTER PUBLICATION %I DROP TABLE ', p.pubname) || ${relation('x.prrelid')}
    FROM pg_catalog.pg_publication_rel x JOIN pg_catalog.pg_publication p ON p.oid = x.prpubid WHERE x.oid = f.objid)
  WHEN 'pg_catalog.pg_class'::regclass THEN CASE WHEN f.objsubid > 0
    THEN (SELECT 'ALTER TABLE ' || ${relation('a.attrelid')} || pg_catalog.format(' ALTER COLUMN %I TYPE %s USING %I::%s', a.attname, ${PLAIN}, a.attname, ${PLAIN})
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class t ON t.oid = a.attrelid WHERE a.attrelid = f.objid AND a.attnum = f.objsubid AND t.relkind = 'r' AND a.attgenerated = '' AND f.refclassid = 'pg_catalog.pg_type'::regclass AND ${PLAIN} IS NOT NULL)
    ELSE (SELECT CASE WHEN c.relispartition THEN 'ALTER TABLE ' || ${relation('i.inhparent')} || ' DETACH PARTITION ' || ${relation('i.inhrelid')} ELSE 'ALTER TABLE ' || ${relation('i.inhrelid')} || ' NO INHERIT ' || ${relation('i.inhparent')} END
      FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p', 'f') JOIN pg_catalog.pg_class p ON p.oid = i.inhparent, mine WHERE i.inhrelid = f.objid AND p.relowner = ANY (mine.roles)) END
END`;
