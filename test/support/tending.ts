import { killSessions } from '../../src/app/tending/kill.ts';
import { sessionsOf } from '../../src/app/tending/sessions.ts';
import type { EndedSession, ListedSession } from '../../src/model/index.ts';
import type { Workplace } from './workplace.ts';

type Place = Pick<Workplace, 'open'>;

export async function listed(place: Place, app: string | null = null): Promise<readonly ListedSession[]> {
  return (await sessionsOf(await place.open(), app)).sessions;
}

/** With every consent. */
export async function ended(place: Place, target: string): Promise<readonly EndedSession[]> {
  const report = await killSessions(await place.open(), { target, confirm: [], consent: async () => await Promise.resolve(true) });
  return report?.sessions ?? [];
}
