import { fail } from '../../../model/index.ts';
import { bytes } from '../../../util/bytes.ts';
import type { Connection } from '../connect/connection.ts';
import { infoOf } from './session.ts';

/** What stays free for everybody else. */
const SPARE = 0.1;

/**
 * Throws CT4322 where `more` bytes would leave too little memory to the others: with a full memory nobody writes, or, where
 * the server evicts, others lose keys.
 */
export async function checkRoom(operator: Connection, more: number, instance: string): Promise<void> {
  const facts = await infoOf(operator, 'memory');
  const [limit = 0, system = 0, used = 0] = ['maxmemory', 'total_system_memory', 'used_memory'].map((name) => Number(facts.get(name) ?? 0));
  // Where the server sets itself no limit, the machine has one.
  const most = limit === 0 ? system : limit;
  if (most === 0) return;
  if (used + more <= most * (1 - SPARE)) return;
  const policy = facts.get('maxmemory_policy') ?? 'noeviction';
  const harm =
    limit === 0
      ? 'the system ends the server'
      : policy === 'noeviction'
        ? 'nobody on it could write'
        : `it would throw keys of others away (${policy})`;
  throw fail(
    'CT4322',
    `"${instance}" has no room for a copy: ${bytes(used)} of ${bytes(most)} are in use and ${bytes(more)} would come; when it is full, ${harm}`,
    {
      instance,
      hint: limit === 0 ? 'give the machine more memory, and the server a maxmemory' : 'raise maxmemory, or delete what nobody needs',
    },
  );
}
