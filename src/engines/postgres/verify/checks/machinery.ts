import type { Fix } from '../../../../model/index.ts';
import { lookUp } from '../../../../util/record.ts';
import type { Connection } from '../../connect/connection.ts';
import { guardGroups, machineryStatements, mayChoose } from '../../steps/guard.ts';
import { literal } from '../../quote.ts';
import { compile } from '../../compile/compile.ts';
import { partOf } from '../../part-name.ts';
import { rowSpaceNames } from '../../compile/spaces.ts';
import { isKind, type RowGuardSpec } from '../../spec.ts';
import { fixInside } from '../findings.ts';
import { losingRole, TENANTS } from '../losing.ts';
import { revoking } from '../taking.ts';
import type { DatabaseContext } from '../database-context.ts';
import { aclOf } from '../rights.ts';

/** The function that the guard asks: written down here once more, so that a change in either place is seen. */
const BODY = 'SELECT w.workspace FROM cotenant.workspaces w WHERE w.login OPERATOR(pg_catalog.=) session_user::pg_catalog.text';
const FUNCTION = `t|sql|{"search_path=pg_catalog, pg_temp"}|${BODY}`;
const SQL: Readonly<Record<string, string>> = {
  schema: 'SCHEMA "cotenant"',
  table: 'TABLE "cotenant"."workspaces"',
  function: 'FUNCTION "cotenant"."workspace"()',
};
const TABLE = 'workspaces|r|f|f|f|f';

/** The guard’s own parts: whoever changes them chooses their workspace. Gives true where the table may be read. */
export function checkMachinery(inside: DatabaseContext): boolean {
  const { snapshot, findings, place, catalog } = inside;
  if (!place.space) return false;
  const groups = guardGroups(rowSpaceNames(place.space));
  const seen = new Set<string>();
  const wrong: string[] = [];
  const put = (what: string, answer: string, taken: readonly Fix[] = []): void => {
    wrong.push(what);
    findings.add('R02', {
      from: null,
      to: place.target,
      statement: `${what} of the guard in ${place.database}`,
      answer,
      fix: [...taken, ...fixInside(place.database, ...machineryStatements(groups))],
    });
  };
  for (const [kind, owner, shape, items] of catalog.machinery) {
    findings.judged += 1;
    if (kind === 'other' && (shape === '' || /_pkey\||\|i\|/.test(shape))) continue;
    if (kind === 'other') put('schema', `something else lies in it: ${shape.split('|')[0] ?? ''}`);
    seen.add(kind);
    if (!snapshot.operators.has(owner)) put(kind, `its owner is ${owner}`);
    if (kind === 'function' && shape !== FUNCTION) put(kind, 'it is not as cotenant made it');
    if (kind === 'table' && shape !== TABLE) put(kind, 'it is not as cotenant made it');
    const wanted = kind === 'schema' ? 'U' : kind === 'function' ? 'X' : '';
    for (const [grantee, letters] of Object.entries(aclOf(items, {}))) {
      if (grantee === owner || (groups.includes(grantee) && letters === wanted)) continue;
      const accepted = isAccepted(inside, grantee);
      if (accepted && !mayChoose(kind, letters)) continue;
      const on = lookUp(SQL, kind) ?? '';
      const list = { on, what: `${on} in "${place.database}"`, place, owner, items };
      put(
        kind,
        `${grantee === '' ? 'PUBLIC' : grantee} has rights on it`,
        accepted ? [] : revoking(snapshot, TENANTS, list, { grantee, letters }),
      );
    }
  }
  const guarded = catalog.policies.length > 0 || catalog.tables.some(([schema, , hasColumn]) => hasColumn && schema !== 'cotenant');
  if (guarded) for (const kind of ['schema', 'table', 'function']) if (!seen.has(kind)) put(kind, 'it is not there');
  return wrong.length === 0 && seen.has('table');
}

/** What operators and known logins have, they keep. Where they choose workspaces with it, an apply takes it and tells them; no fix does. */
function isAccepted({ snapshot }: DatabaseContext, grantee: string): boolean {
  return grantee !== '' && ['operator', undefined].includes(snapshot.principalOf(grantee)?.kind);
}

/** Which login has which workspace, read from the operator’s own table and only after it was found to be that. */
export async function checkWorkspaces(inside: DatabaseContext, connection: Connection): Promise<void> {
  const { snapshot, findings, place } = inside;
  const wanted = desiredWorkspaces(inside);
  const [rows] = await connection.rows('SELECT w.login, w.workspace FROM ONLY cotenant.workspaces w ORDER BY 1');
  const apps = new Map(place.space?.apps.map(({ app, placement }) => [placement.workspace ?? app, app]));
  for (const [login, workspace] of rows ?? []) {
    findings.judged += 1;
    const name = String(login);
    const right = lookUp(wanted, name);
    if (right === String(workspace)) continue;
    const principal = snapshot.principalOf(name);
    // Leftovers of a retired app give nothing while nobody can log in with its name; a wrong workspace does.
    if (principal === null && !snapshot.roles.has(name)) continue;
    if (principal?.kind === 'retired' && !snapshot.roles.get(name)?.login) continue;
    const to = apps.get(String(workspace)) ?? null;
    findings.add('R02', {
      from: principal?.name ?? name,
      to: to !== null && to !== principal?.name ? to : place.target,
      statement: `cotenant.workspaces in ${place.database}`,
      answer: `${name} has the workspace ${String(workspace)}`,
      fix: losingRole(
        snapshot,
        principal,
        name,
        fixInside(
          place.database,
          right === undefined
            ? `DELETE FROM "cotenant"."workspaces" WHERE "login" = ${literal(name)}`
            : `UPDATE "cotenant"."workspaces" SET "workspace" = ${literal(right)} WHERE "login" = ${literal(name)}`,
        ),
        `the rows of workspace "${String(workspace)}" in "${place.database}"`,
      ),
    });
  }
}

function desiredWorkspaces({ snapshot, place }: DatabaseContext): RowGuardSpec['workspaces'] {
  for (const one of compile(snapshot.input).resources)
    if (isKind(one, 'row-guard') && partOf(one.address.name)[0] === place.database) return one.spec.workspaces;
  return {};
}
