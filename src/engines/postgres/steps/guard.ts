import { lookUp } from '../../../util/record.ts';
import { type Acl, parseAcl } from '../acl.ts';
import { ident, literal, roles } from '../quote.ts';
import type { PartRow, PolicyRow } from '../queries/rows.ts';
import type { GuardPart, GuardStranger, RowGuardSpec } from '../spec.ts';

/** The operator's schema in a database that is shared by rows: the map from login to workspace, and the function that reads it. */
export const GUARD_SCHEMA = 'cotenant';

/** Who asks is the login itself: neither SET ROLE nor any setting changes session_user. */
const BODY = 'SELECT w.workspace FROM cotenant.workspaces w WHERE w.login OPERATOR(pg_catalog.=) session_user::pg_catalog.text';
const CONFIG = 'search_path=pg_catalog, pg_temp';

/** Schema, table and function of the guard, in the operator's name. Each statement can run again. */
export function machineryStatements(groups: readonly string[]): readonly string[] {
  return [
    'CREATE SCHEMA IF NOT EXISTS "cotenant"',
    'ALTER SCHEMA "cotenant" OWNER TO CURRENT_USER',
    'REVOKE ALL ON SCHEMA "cotenant" FROM PUBLIC',
    'CREATE TABLE IF NOT EXISTS "cotenant"."workspaces" ("login" pg_catalog.text PRIMARY KEY, "workspace" pg_catalog.text NOT NULL)',
    'ALTER TABLE "cotenant"."workspaces" OWNER TO CURRENT_USER',
    'REVOKE ALL ON TABLE "cotenant"."workspaces" FROM PUBLIC',
    `CREATE OR REPLACE FUNCTION "cotenant"."workspace"() RETURNS pg_catalog.text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS ${literal(BODY)}`,
    'ALTER FUNCTION "cotenant"."workspace"() OWNER TO CURRENT_USER',
    'REVOKE ALL ON FUNCTION "cotenant"."workspace"() FROM PUBLIC',
    `GRANT USAGE ON SCHEMA "cotenant" TO ${roles(groups)}`,
    `GRANT EXECUTE ON FUNCTION "cotenant"."workspace"() TO ${roles(groups)}`,
  ];
}

const ON: Readonly<Record<GuardPart, string>> = {
  schema: 'SCHEMA "cotenant"',
  table: 'TABLE "cotenant"."workspaces"',
  function: 'FUNCTION "cotenant"."workspace"()',
};

/** Brings parts of the guard back to what `machineryStatements` makes. */
export function repairStatements(
  found: Pick<RowGuardSpec, 'broken' | 'present' | 'strangers'>,
  groups: readonly string[],
): readonly string[] {
  const { broken, present, strangers } = found;
  const again = broken.includes('table') && present.includes('table') ? ['DROP TABLE "cotenant"."workspaces"'] : [];
  const kept = strangers.filter(({ part }) => part !== 'table' || again.length === 0);
  // What was not read may hold anything.
  const unread = broken.includes('schema') && present.includes('table') && again.length === 0;
  return [
    ...again,
    ...kept.map(({ part, grantee }) => `REVOKE ALL ON ${ON[part]} FROM ${roles([grantee])} CASCADE`),
    ...machineryStatements(groups),
    ...(unread ? ['DELETE FROM "cotenant"."workspaces"'] : []),
  ];
}

const SHAPES: Readonly<Record<GuardPart, string>> = {
  schema: '',
  table: 'r f f f f login text, workspace text 1',
  function: `t|s|f|sql|text|f|{"${CONFIG}"}|${BODY}`,
};

const RIGHTS: Readonly<Record<GuardPart, string>> = { schema: 'U', table: '', function: 'X' };

/** How the guard's own parts, as the catalog tells them, differ from what `machineryStatements` makes. */
export function judgeParts(
  rows: readonly PartRow[],
  groups: readonly string[],
  trusted: (owner: string) => boolean,
): Pick<RowGuardSpec, 'broken' | 'present' | 'strangers'> {
  const broken: GuardPart[] = [];
  const present: GuardPart[] = [];
  const strangers: GuardStranger[] = [];
  for (const part of ['schema', 'table', 'function'] as const) {
    const row = rows.find(([name]) => name === part);
    if (!row) {
      broken.push(part);
      continue;
    }
    const [, owner, shape, items] = row;
    present.push(part);
    const acl: Acl = items === null ? (part === 'function' ? { '': 'X' } : {}) : parseAcl(items);
    const allowed = RIGHTS[part];
    if (!trusted(owner) || shape !== SHAPES[part] || (allowed !== '' && groups.some((group) => lookUp(acl, group) !== allowed)))
      broken.push(part);
    for (const [grantee, letters] of Object.entries(acl)) {
      if (grantee !== owner && (!groups.includes(grantee) || letters !== allowed))
        strangers.push({ part, grantee, writes: mayChoose(part, letters) });
    }
  }
  return { broken, present, strangers };
}

/** True for rights on the map with which somebody changes who has which workspace. */
export function mayChoose(part: string, letters: string): boolean {
  return part === 'table' && /[awdDt]/.test(letters);
}

/** Groups whose logins the guard holds. */
export function guardGroups({ readWrite, readOnly }: { readonly readWrite: string; readonly readOnly?: string | null }): readonly string[] {
  return readOnly === undefined || readOnly === null ? [readWrite] : [readWrite, readOnly];
}

export interface Policy {
  readonly name: string;
  readonly text: string;
  /** Permissive or restrictive, command, roles, expressions without blanks, casts and parentheses: for comparison. */
  readonly shape: string;
}

const testShape = (column: string): string =>
  ['', ' COLLATE "C"'].map((more) => `${ident(column)}${more} = SELECT cotenant.workspace AS workspace`).join(' AND ');

/** True for the guard's test as the server prints it. */
export const isGuardTest = (expression: string, column: string): boolean => bare(expression) === bare(testShape(column));

/**
 * The three policies of a shared table. The guard is restrictive: no policy that anybody adds can widen it.
 * The owner (the migrator, never an app) sees every row.
 */
export function policiesOf(table: string, column: string, owner: string, groups: readonly string[]): readonly Policy[] {
  const it = `${ident(column)}::pg_catalog.text`;
  const mine = 'OPERATOR(pg_catalog.=) (SELECT "cotenant"."workspace"())';
  // A collation may hold different texts to be equal. The first half finds an index, the second is exact.
  const test = `${it} ${mine} AND ${it} COLLATE "pg_catalog"."C" ${mine}`;
  const shape = testShape(column);
  return [
    {
      name: 'cotenant_guard',
      text: `CREATE POLICY "cotenant_guard" ON ${table} AS RESTRICTIVE FOR ALL TO ${roles(groups)} USING (${test}) WITH CHECK (${test})`,
      shape: shapeOf(false, '*', groups.toSorted(), shape, shape),
    },
    {
      name: 'cotenant_owner',
      text: `CREATE POLICY "cotenant_owner" ON ${table} AS PERMISSIVE FOR ALL TO ${ident(owner)} USING (true) WITH CHECK (true)`,
      shape: shapeOf(true, '*', [owner], 'true', 'true'),
    },
    {
      name: 'cotenant_rows',
      text: `CREATE POLICY "cotenant_rows" ON ${table} AS PERMISSIVE FOR ALL TO ${roles(groups)} USING (true) WITH CHECK (true)`,
      shape: shapeOf(true, '*', groups.toSorted(), 'true', 'true'),
    },
  ];
}

/** Policies as the catalog tells them: name to shape. */
export function policyShapes(rows: readonly PolicyRow[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    rows.map(([name, permissive, command, roles, using, check]) => [name, shapeOf(permissive, command, roles, using, check)]),
  );
}

function shapeOf(permissive: boolean, command: string, roles: readonly string[], using: string | null, check: string | null): string {
  return JSON.stringify([permissive ? 'permissive' : 'restrictive', command, roles, bare(using ?? ''), bare(check ?? '')]);
}

/** The server quotes where it must: quotes around what needs none go as well. */
function bare(expression: string): string {
  return expression
    .replaceAll('::pg_catalog.text', '')
    .replaceAll('::text', '')
    .replaceAll(/[\s()]/g, '')
    .replaceAll('OPERATORpg_catalog.=', '=')
    .replaceAll(/"([a-z_][a-z0-9_]*)"/g, '$1');
}
