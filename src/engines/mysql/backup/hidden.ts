import type { BackupContext } from '../../../engine/index.ts';
import { Connection } from '../connect/connection.ts';
import type { Target } from '../connect/target.ts';
import { exactly, literal } from '../quote.ts';
import { ONCE } from './definitions.ts';
import { type Login, NAME } from './login.ts';

const EVENTS = `SELECT event_name AS n, (${ONCE}) AS once_ FROM information_schema.events WHERE ${exactly('event_schema')} = `;

/** What is there and no dump of the app's own login has, in words: only the operator sees that it is there. Names alone are read. */
export async function hiddenFrom(session: Connection, target: Target, login: Login, context: BackupContext): Promise<readonly string[]> {
  const seen = new Set((await session.rows(`${EVENTS}DATABASE()`)).map((row) => String(row['n'])));
  await using operator = await Connection.open(target, NAME, context.session);
  const all = await operator.rows(`${EVENTS}${literal(login.database)}`);
  const versioned = await session.rows(
    "SELECT table_name AS n FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'SYSTEM VERSIONED'",
  );
  return [
    ...all.flatMap((row) => {
      const name = String(row['n']);
      if (!seen.has(name)) return [`event ${name}: the app's login may not see events, unless \`relax: { events: true }\` lets it`];
      return Number(row['once_']) === 1 ? [`event ${name}, as far as drills go: it runs once, and comes back only before its time`] : [];
    }),
    ...versioned.map((row) => `the history of table ${String(row['n'])}`),
  ];
}
