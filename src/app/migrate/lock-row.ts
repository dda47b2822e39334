import type { Migrations } from '../../engine/index.ts';
import type { Files, LockRow, Standing } from '../../migrate/tool.ts';
import type { Diagnostic } from '../../model/index.ts';
import { contextOf, DEADLINE } from '../sessions.ts';
import type { Project } from '../types.ts';
import type { Migrating } from './apps.ts';
import { environmentOf } from './environment.ts';

/** A row with which a tool has locked out others, and what is known of who has taken it. */
export interface Lock {
  readonly row: LockRow;
  /** Why nobody but a person may free it, in words; null: whoever has taken it is gone, and left nothing half done. */
  readonly kept: string | null;
  /** For whoever looks at the status. */
  readonly words: string;
}

interface Around {
  readonly files: Files;
  readonly standing: Standing;
  readonly row: LockRow;
}

/**
 * Who has taken it has a session of its own as long as it works, with a login that can write there. Where the server shows that
 * nobody has one, it is gone; what it had begun in a transaction is gone with it.
 */
export async function lockOf(
  { app, tool, place, ability }: Migrating,
  { files, standing, row }: Around,
  reader: Migrations,
): Promise<Lock> {
  const kept = (why: string | null, words = row.words): Lock => ({ row, kept: why, words });
  if (!reader.writers) return kept('the server does not tell who works there');
  const there = await reader.writers(app.name, row.table);
  if (there.length > 0) {
    const who = there.slice(0, 3).join('; ');
    const why = `${there.length === 1 ? 'one session' : `${there.length} sessions`} may be of whoever has taken it: ${who}`;
    return kept(why, `its lock row is ${row.taken}, and ${why}; where it is none of them, \`${row.command}\` frees it`);
  }
  const next = files.revisions.find(({ id }) => standing.pending.includes(id)) ?? null;
  // It was at the next one, or took the newest one back.
  const newest = files.revisions.findLast(({ id }) => !standing.pending.includes(id)) ?? null;
  const half = ability.transactionalDdl
    ? ((await tool.mayBeHalf?.(place, next)) ?? (await tool.mayBeHalf?.(place, newest)) ?? null)
    : 'nothing takes a change of tables back here';
  const gone = `its lock row is ${row.taken}, by a run that is gone: nobody has a session that could have taken it`;
  return half === null
    ? kept(null, `${gone}; cotenant migrate up frees it`)
    : kept(
        `what it was at may be half done: ${half}`,
        `${gone}. What it was at may be half done: ${half}; look at it, then \`${row.command}\` frees it`,
      );
}

/** Frees it with the app's own login, in one statement that looks once more who is there. null: it is free. */
export async function freeLock(project: Project, one: Migrating, { row, kept }: Lock): Promise<Diagnostic | null> {
  const { app, instance, ability, decl } = one;
  const held = (why: string): Diagnostic => ({
    code: 'CT4120',
    severity: 'error',
    message: `${app.name}: the lock row of ${row.table.name}, ${row.taken}, is not free: ${why}`,
    path: decl.path,
    instance: instance.name,
    hint: `run cotenant migrate status ${app.name}; \`${row.command}\` frees it by hand`,
  });
  if (kept !== null) return held(kept);
  const { env } = environmentOf(project, one);
  const context = await contextOf(project, instance, DEADLINE);
  await using session = await ability.enter(instance.input, app.name, env, { ...context, works: false });
  return (await session.free?.(row)) === true ? null : held('somebody has come who could have taken it, or it has changed');
}

/** What the adapter says of its row, in better words. */
export function withWords(standing: Standing, { row, words }: Lock): Standing {
  return { ...standing, drift: standing.drift.map((one) => (one === row.words ? words : one)) };
}
