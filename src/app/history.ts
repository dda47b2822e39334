import { pastRuns } from '../journal/history.ts';
import type { Intent, PastRun } from '../model/index.ts';
import { journalFolder } from './run.ts';
import type { Project } from './types.ts';

export interface HistoryRequest {
  /** Only runs that did something with this app, and of those only what they did with it. */
  readonly app?: string;
  /** Only runs that began before this one. */
  readonly before?: string;
  /** At most so many runs. */
  readonly limit: number;
}

export interface HistoryOutcome {
  /** Newest first. */
  readonly runs: readonly PastRun[];
}

/** What was done to the project's servers from this folder, as far as its journal goes back. Asks no server. */
export async function historyOf(project: Project, { app, before, limit }: HistoryRequest): Promise<HistoryOutcome> {
  const runs: PastRun[] = [];
  for await (const run of pastRuns(journalFolder(project))) {
    if (run.head.project !== project.manifest.project || (before !== undefined && run.head.run >= before)) continue;
    const steps = app === undefined ? run.steps : run.steps.filter((step) => step.app === app);
    if (app !== undefined && steps.length === 0 && !isAbout(run.head.intent, app)) continue;
    // How much of a plan was this app's nobody noted.
    runs.push({ ...run, steps, planned: app === undefined ? run.planned : null });
    if (runs.length >= limit) break;
  }
  return { runs };
}

function isAbout({ app, apps = [] }: Intent, name: string): boolean {
  return app === name || apps.includes(name);
}
