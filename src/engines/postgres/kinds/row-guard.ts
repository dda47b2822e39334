import { field, sql } from '../../../engine/index.ts';
import type { FieldChange, Command } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { guardGroups, policiesOf, repairStatements } from '../steps/guard.ts';
import { partOf } from '../part-name.ts';
import { inWorkspaces, rowsOf } from '../queries/workspace-rows.ts';
import { ident, literal, qualified } from '../quote.ts';
import type { GuardedTable, RowGuardSpec } from '../spec.ts';
import { type Kind, mapFields } from './kind.ts';

const MISSING = { broken: ['schema', 'table', 'function'], present: [], strangers: [] } as const;

/** Row level security on every table of a shared schema that has the workspace column. */
export const rowGuard: Kind<RowGuardSpec> = {
  reversible: false,
  diff(desired, observed, _facts, name) {
    const fields: FieldChange[] = [];
    for (const part of observed.broken) fields.push(field(`guard's own ${part}`, 'missing or changed', 'as made by cotenant'));
    for (const { part, grantee } of observed.strangers)
      fields.push(field(`access to the guard's own ${part} of ${grantee === '' ? 'PUBLIC' : grantee}`, 'granted', null));
    fields.push(...mapFields('workspace of', desired.workspaces, observed.workspaces));
    for (const table of observed.tables.filter((one) => one.hasColumn)) {
      if (!table.enabled) fields.push(field(`row security of ${table.name}`, false, true));
      if (!table.forced) fields.push(field(`forced row security of ${table.name}`, false, true));
      for (const policy of wrongPolicies(name, desired, table))
        fields.push(field(`policy ${policy} on ${table.name}`, 'missing or changed', 'as made by cotenant'));
    }
    return fields;
  },
  statements(name, from, to) {
    const grants: Command[] = [];
    const whole = from !== null && from.broken.length + from.strangers.length === 0;
    if (!whole) grants.push(...repairStatements(from ?? MISSING, guardGroups(to)).map((text) => sql(text)));
    grants.push(...stillEmpty(name, from, to), ...workspaceStatements(from?.workspaces ?? {}, to.workspaces));
    let locks = false;
    for (const table of (from?.tables ?? []).filter((one) => one.hasColumn)) {
      const it = qualified(partOf(name)[1], table.name);
      const before = grants.length;
      if (!table.enabled) grants.push(sql(`ALTER TABLE ${it} ENABLE ROW LEVEL SECURITY`));
      if (!table.forced) grants.push(sql(`ALTER TABLE ${it} FORCE ROW LEVEL SECURITY`));
      const wrong = wrongPolicies(name, to, table);
      for (const policy of policiesOf(it, to.column, to.owner, guardGroups(to)).filter((one) => wrong.includes(one.name))) {
        if (lookUp(table.policies, policy.name) !== undefined) grants.push(sql(`DROP POLICY ${ident(policy.name)} ON ${it}`));
        grants.push(sql(policy.text));
      }
      locks ||= grants.length > before;
    }
    return { grants, revokes: [], ...(locks ? { risk: 'blocking' as const } : {}) };
  },
};

/** Tables that are not guarded as they should be: nobody else may use them while that is corrected. */
export function unguardedTables(name: string, desired: RowGuardSpec, observed: RowGuardSpec): readonly string[] {
  const open = observed.tables.filter(
    (table) => table.hasColumn && (!table.enabled || !table.forced || wrongPolicies(name, desired, table).length > 0),
  );
  return open.map((table) => qualified(partOf(name)[1], table.name));
}

function wrongPolicies(name: string, desired: RowGuardSpec, table: GuardedTable): readonly string[] {
  return policiesOf(qualified(partOf(name)[1], table.name), desired.column, desired.owner, guardGroups(desired))
    .filter((policy) => lookUp(table.policies, policy.name) !== policy.shape)
    .map((policy) => policy.name);
}

/** A workspace that was empty when the plan was made is left as long as it still is. */
function stillEmpty(name: string, from: RowGuardSpec | null, to: RowGuardSpec): Command[] {
  const left = Object.entries(from?.workspaces ?? {})
    .filter(([login, workspace]) => from?.empty?.includes(workspace) === true && lookUp(to.workspaces, login) !== workspace)
    .map(([, workspace]) => workspace);
  const tables = (from?.tables ?? []).filter(({ hasColumn, kind }) => hasColumn && kind !== 'partition');
  if (left.length === 0 || tables.length === 0) return [];
  const [, schema] = partOf(name);
  const rows = tables.map((one) => {
    const table = { schema, name: one.name, partitioned: one.kind === 'partitioned' };
    return `EXISTS (SELECT 1 FROM ${rowsOf(table)} WHERE ${inWorkspaces(to.column, [...new Set(left)])})`;
  });
  const body = `BEGIN IF ${rows.join(' OR ')} THEN RAISE EXCEPTION 'cotenant: rows came into a workspace that is to be left'; END IF; END`;
  return [sql(`DO ${literal(body)}`)];
}

function workspaceStatements(from: RowGuardSpec['workspaces'], to: RowGuardSpec['workspaces']): Command[] {
  const statements: Command[] = [];
  const gone = Object.keys(from)
    .filter((login) => lookUp(to, login) === undefined)
    .sort();
  if (gone.length > 0)
    statements.push(
      sql(`DELETE FROM "cotenant"."workspaces" WHERE "login" = ANY (ARRAY[${gone.map(literal).join(', ')}]::pg_catalog.text[])`),
    );
  const changed = Object.entries(to).filter(([login, workspace]) => lookUp(from, login) !== workspace);
  if (changed.length > 0) {
    const rows = changed.map(([login, workspace]) => `(${literal(login)}, ${literal(workspace)})`).join(', ');
    statements.push(
      sql(
        `INSERT INTO "cotenant"."workspaces" ("login", "workspace") VALUES ${rows} ON CONFLICT ("login") DO UPDATE SET "workspace" = EXCLUDED."workspace"`,
      ),
    );
  }
  return statements;
}
