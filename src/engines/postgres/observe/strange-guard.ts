import type { Diagnostic, Resource } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import { partOf } from '../part-name.ts';
import { type PartRow, partsQuery, strangeGuardQuery } from '../queries/rows.ts';
import { GUARD_SCHEMA, judgeParts } from '../steps/guard.ts';
import type { RowGuardSpec } from '../spec.ts';

/**
 * In a database that bears no mark yet, whatever is called as the guard's own parts may be somebody's: it is taken where it is as
 * cotenant makes it and there is nothing else, as a run leaves it that was cut. Anything else would be taken from its users, or dropped.
 */
export async function strangeGuard(
  connection: Connection,
  instance: string,
  { address, path }: Resource<RowGuardSpec>,
  isOperator: (role: string) => boolean,
): Promise<readonly Diagnostic[]> {
  const [database] = partOf(address.name);
  // The shapes stand beside the statements in queries/rows.ts.
  const [parts, others] = (await connection.rows(`${partsQuery};\n${strangeGuardQuery}`)) as unknown as [
    readonly PartRow[],
    readonly (readonly [string])[],
  ];
  const { broken, present } = judgeParts(parts, [], isOperator);
  const [part] = present.filter((one) => broken.includes(one));
  const [other] = others;
  if (part === undefined && other === undefined) return [];
  const owner = parts.find(([name]) => name === 'schema')?.[1] ?? '';
  const why =
    other !== undefined
      ? `there is ${other[0]} in it`
      : part === 'schema'
        ? `it is "${owner}"’s`
        : `its ${part === 'table' ? 'table "workspaces"' : 'function "workspace"'} is another one`;
  return [
    {
      code: 'CT2005',
      severity: 'error',
      message: `schema "${GUARD_SCHEMA}" of database "${database}" on "${instance}" exists and is not cotenant's: ${why}`,
      hint: `level \`rows\` keeps its map and its function in a schema of this name: ALTER SCHEMA ${GUARD_SCHEMA} RENAME TO another, or choose another level for the app`,
      instance,
      ...(path ? { path } : {}),
    },
  ];
}
