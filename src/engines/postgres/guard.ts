import { ident, literal } from './quote.ts';

/** Who asks is the login itself: neither SET ROLE nor any setting changes session_user. */
const BODY = 'SELECT w.workspace FROM cotenant.workspaces w WHERE w.login OPERATOR(pg_catalog.=) session_user::pg_catalog.text';
const CONFIG = 'search_path=pg_catalog, pg_temp';

/** Schema, table and function of the guard, in the operator's name. Each statement can run again. */
export function machineryStatements(readWrite: string): readonly string[] {
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
    `GRANT USAGE ON SCHEMA "cotenant" TO ${ident(readWrite)}`,
    `GRANT EXECUTE ON FUNCTION "cotenant"."workspace"() TO ${ident(readWrite)}`,
  ];
}

/** True where the function and the rights around it are exactly those of `machineryStatements`. `access` is `function acl / schema acl`. */
export function machineryShape(source: string | null, access: string | null, readWrite: string): boolean {
  if (source !== `t|s|{"${CONFIG}"}|${BODY}` || access === null) return false;
  const [onFunction = '', onSchema = ''] = access.split(' / ');
  return onlyOwnerAnd(onFunction, readWrite, 'X') && onlyOwnerAnd(onSchema, readWrite, 'U');
}

function onlyOwnerAnd(acl: string, readWrite: string, letters: string): boolean {
  const quoted = /^[A-Za-z0-9_]+$/.test(readWrite) ? readWrite : `"${readWrite.replaceAll('"', '""')}"`;
  const items = acl.split(' ').filter((item) => {
    const grantee = item.slice(0, item.lastIndexOf('='));
    const grantor = item.slice(item.lastIndexOf('/') + 1);
    return grantee !== grantor;
  });
  return items.length === 1 && items[0]?.startsWith(`${quoted}=${letters}/`) === true;
}

export interface Policy {
  readonly name: string;
  readonly text: string;
  /** `permissive or restrictive|command|role|expression without blanks, casts and parentheses`, for comparison. */
  readonly shape: string;
}

/**
 * The three policies of a shared table. The guard is restrictive: no policy that anybody adds can widen it.
 * The owner (the migrator, never an app) sees every row.
 */
export function policiesOf(table: string, column: string, owner: string, readWrite: string): readonly Policy[] {
  const test = `${ident(column)}::pg_catalog.text OPERATOR(pg_catalog.=) (SELECT "cotenant"."workspace"())`;
  const shape = bare(`${quoteAsServer(column)}=SELECTcotenant.workspaceASworkspace`);
  return [
    {
      name: 'cotenant_guard',
      text: `CREATE POLICY "cotenant_guard" ON ${table} AS RESTRICTIVE FOR ALL TO ${ident(readWrite)} USING (${test}) WITH CHECK (${test})`,
      shape: `restrictive|*|${readWrite}|${shape}|${shape}`,
    },
    {
      name: 'cotenant_owner',
      text: `CREATE POLICY "cotenant_owner" ON ${table} AS PERMISSIVE FOR ALL TO ${ident(owner)} USING (true) WITH CHECK (true)`,
      shape: `permissive|*|${owner}|true|true`,
    },
    {
      name: 'cotenant_rows',
      text: `CREATE POLICY "cotenant_rows" ON ${table} AS PERMISSIVE FOR ALL TO ${ident(readWrite)} USING (true) WITH CHECK (true)`,
      shape: `permissive|*|${readWrite}|true|true`,
    },
  ];
}

/** A policy as the catalog tells it, in the form of `Policy.shape`. */
export function policyShape(policy: string): { readonly name: string; readonly shape: string } {
  const [name = '', permissive = '', command = '', roles = '', using = '', check = ''] = policy.split('|');
  return { name, shape: `${permissive}|${command}|${roles}|${bare(using)}|${bare(check)}` };
}

function bare(expression: string): string {
  return expression
    .replaceAll('::pg_catalog.text', '')
    .replaceAll('::text', '')
    .replaceAll(/[\s()]/g, '')
    .replaceAll('OPERATORpg_catalog.=', '=');
}

function quoteAsServer(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : ident(name);
}
