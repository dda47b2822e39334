import { fail } from '../../model/index.ts';
import type { InstanceDecl } from '../../manifest/index.ts';
import type { LogLine } from '../servers.ts';
import type { Project } from '../types.ts';
import { tend } from './sessions.ts';

/**
 * The last lines of the logs of servers that cotenant does not start, as far as they give them. With an app, only what is known to
 * be of its logins. Throws CT6027 where none gives any, with where they are.
 */
export async function serverLogs(
  project: Project,
  instances: readonly InstanceDecl[],
  { app, lines }: { readonly app: string | null; readonly lines: number },
): Promise<readonly LogLine[]> {
  const told = await tend(project, instances, async (tending) => (await tending.log?.(app, lines)) ?? null);
  const trouble = told.flatMap(({ diagnostics }) => diagnostics);
  const found = told.flatMap(({ instance: { name }, result }) => (result?.lines ?? []).map((line): LogLine => ({ instance: name, line })));
  if (told.some(({ result }) => result?.lines !== null && result?.lines !== undefined)) return found;
  const why = told.map(({ instance: { name }, result }) => {
    const where = result?.where === null || result?.where === undefined ? '' : ` writes ${result.where}`;
    return `"${name}"${where}${result?.why === undefined ? '' : `: ${result.why}`}`;
  });
  throw fail('CT6027', `There is no log to show: ${[...trouble.map(({ message }) => message), ...why].join('; ')}.`, {
    hint: 'see the server’s own log, on its machine',
  });
}
