import type { LedgerTable } from '../../../engine/index.ts';
import { literal, qualified } from '../quote.ts';
import { WORKER } from './spots.ts';

type TableName = Pick<LedgerTable, 'schema' | 'name'>;

/** In quotes. */
export function tableOf({ schema, name }: TableName): string {
  return qualified(schema, name.slice(schema.length + 1));
}

/**
 * Sessions `a` in this database that can write to a table, or to a column of it, as themselves or as a role that they can take on, but for those with which
 * cotenant looks. Every login sees who is there, whoever it is.
 */
export function writersOf(table: TableName): string {
  return `FROM pg_catalog.pg_stat_activity a
    WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid() AND coalesce(a.backend_type, 'client backend') = 'client backend'
      AND (a.application_name !~ '^cotenant( |$)' OR a.application_name = ${literal(WORKER)})
      AND EXISTS (SELECT 1 FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(a.usesysid, r.oid, 'MEMBER')
        AND pg_catalog.has_any_column_privilege(r.oid, pg_catalog.to_regclass(${literal(tableOf(table))}), 'UPDATE'))`;
}
