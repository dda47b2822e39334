import { killSessions } from '../../src/app/tending/kill.ts';
import { sessionsOf } from '../../src/app/tending/sessions.ts';
import { sizesOf } from '../../src/app/tending/sizes.ts';
import { slowOf } from '../../src/app/tending/slow.ts';
import { vacuumApps } from '../../src/app/tending/vacuum.ts';
import type { EndedSession, ListedSession, SizesReport, SlowReport, VacuumReport } from '../../src/model/index.ts';
import type { Workplace } from './workplace.ts';

type Place = Pick<Workplace, 'open'>;

export async function listed(place: Place, app: string | null = null): Promise<readonly ListedSession[]> {
  return (await sessionsOf(await place.open(), app)).sessions;
}

export async function slow(place: Place, app: string | null = null): Promise<SlowReport> {
  return await slowOf(await place.open(), { app, most: 100 });
}

export async function sizes(place: Place, app: string | null = null): Promise<SizesReport> {
  return await sizesOf(await place.open(), { app, tables: true });
}

export async function vacuumed(place: Place, app: string): Promise<VacuumReport> {
  return await vacuumApps(await place.open(), { app, told: () => undefined });
}

/** With every consent. */
export async function ended(place: Place, target: string): Promise<readonly EndedSession[]> {
  const report = await killSessions(await place.open(), { target, confirm: [], consent: async () => await Promise.resolve(true) });
  return report?.sessions ?? [];
}
