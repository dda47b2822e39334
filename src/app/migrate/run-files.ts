import type { AppSession } from '../../engine/index.ts';
import { textIn } from '../../migrate/folder.ts';
import { downOf, isAlone, SQL_LEDGER, sqlChecksum, wayOf } from '../../migrate/tools/sql.ts';
import { DEADLINE, contextOf } from '../sessions.ts';
import { DiagnosticError } from '../../model/index.ts';
import type { Project } from '../types.ts';
import { environmentOf } from './environment.ts';
import type { ToolRun, ToolTrouble } from './run-tool.ts';
import { unlessAborted } from '../../util/abort.ts';

/** Runs plain files with the app's own login: each in one transaction with its row of the ledger, unless it says that it cannot be. */
export async function runFiles(project: Project, run: ToolRun): Promise<ToolTrouble> {
  const { one, signal } = run;
  const { env } = environmentOf(project, one);
  const deadline = AbortSignal.timeout(one.decl.deadline);
  try {
    const context = await contextOf(project, one.instance, DEADLINE);
    const session = await one.ability.enter(one.instance.input, one.app.name, env, { ...context, works: true });
    // A session that is given up is closed; its server ends what it is at.
    const work = closing(run, session);
    await unlessAborted(work, AbortSignal.any([signal, deadline]));
    return null;
  } catch (error) {
    if (deadline.aborted)
      return { code: 'CT4104', why: `it was given up after ${one.decl.deadline / 1000} s`, hint: 'raise `deadline` of its `migrations`' };
    if (signal.aborted) return { code: 'CT4014', why: 'it was interrupted' };
    if (error instanceof DiagnosticError) return { code: 'CT4102', why: error.diagnostics.map(({ message }) => message).join('; ') };
    throw error;
  }
}

async function closing(run: ToolRun, session: AppSession): Promise<void> {
  await using _session = session;
  await filesOf(run, session);
}

async function filesOf({ one, target, standing, signal, say }: ToolRun, session: AppSession): Promise<void> {
  const { revisions } = await one.tool.files(one.place);
  const ledger = session.quoted(one.place.ledger.schema ?? null, one.place.ledger.table ?? SQL_LEDGER);
  await session.send(
    `CREATE TABLE IF NOT EXISTS ${ledger} (name varchar(255) NOT NULL PRIMARY KEY, checksum char(64) NOT NULL, applied_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)`,
  );
  const { up, ids } = wayOf({ revisions, heads: [], drift: [] }, standing, target);
  for (const { id, file } of ids) {
    signal.throwIfAborted();
    const text = await textIn(up ? file : downOf(file), one.app.name);
    say(up ? id : `${id} (down)`);
    const name = session.literal(id);
    const note = up
      ? `INSERT INTO ${ledger} (name, checksum) VALUES (${name}, ${session.literal(sqlChecksum(text))})`
      : `DELETE FROM ${ledger} WHERE name = ${name}`;
    await sendFile(session, one, text, note);
  }
}

async function sendFile(session: AppSession, { ability }: ToolRun['one'], text: string, note: string): Promise<void> {
  const together = ability.transactionalDdl && !isAlone(text);
  if (together) await session.send('BEGIN');
  if (text.trim() !== '') await session.send(text);
  await session.send(note);
  if (together) await session.send('COMMIT');
}
