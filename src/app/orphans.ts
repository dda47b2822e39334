import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../model/index.ts';
import { type Home, type Place, placeOf } from '../runtime/place.ts';
import { readStateNow, type ServerState } from '../runtime/state.ts';
import type { Project } from './types.ts';

/** A server that `up` started, and that is no local instance of the manifest any more. */
export interface Orphan {
  readonly instance: string;
  readonly place: Place & Home;
  readonly state: ServerState;
}

type Placed = Pick<Project, 'manifest' | 'own' | 'env'>;

/** Throws CT6020 where what is known of one is damaged. */
export function orphansOf({ manifest, own, env }: Placed): readonly Orphan[] {
  const root = join(dirname(manifest.file), '.cotenant');
  const servers = join(root, 'servers');
  if (!existsSync(servers)) return [];
  return readdirSync(servers)
    .sort()
    .flatMap((instance): Orphan[] => {
      if (own.has(instance)) return [];
      const place = placeOf({ root, instance, env });
      const state = readStateNow(place.state);
      return state === null ? [] : [{ instance, place, state }];
    });
}

/** CT6028 for each that runs. */
export async function runningOrphans(project: Placed): Promise<readonly Diagnostic[]> {
  const orphans = orphansOf(project);
  if (orphans.length === 0) return [];
  const { reportServer } = await import('../runtime/report.ts');
  const reports = await Promise.all(orphans.map(async (one) => ({ one, report: await reportServer(one.place, project.env) })));
  return reports.flatMap(({ one: { instance, state }, report }): Diagnostic[] =>
    report.state === 'stopped' || report.state === 'never started'
      ? []
      : [
          {
            code: 'CT6028',
            severity: 'warning',
            message: `a server of "${instance}" runs at ${state.host}:${state.port} (${state.title}), and the manifest has no such local instance`,
            hint: `cotenant down ${instance}, or --remove-orphans for all of them, stops it and keeps its data`,
          },
        ],
  );
}
