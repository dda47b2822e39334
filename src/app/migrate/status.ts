import { pastRuns } from '../../journal/history.ts';
import type { MigrationReport, MigrationRow, MigrationState } from '../../model/index.ts';
import { journalFolder } from '../run.ts';
import { Sessions } from '../sessions.ts';
import type { Project } from '../types.ts';
import { type Migrating, migrating } from './apps.ts';
import { look, type Seen } from './look.ts';
import { KIND, onlyWith } from './step.ts';

/** A row for each app with migrations: files and ledger, without starting a tool. `apps` empty: all. */
export async function migrationStatus(project: Project, apps: readonly string[] = []): Promise<MigrationReport> {
  const some = await migrating(project, apps);
  const [last, sessions] = await Promise.all([lastRuns(project), Sessions.open(onlyWith(project, some))]);
  await using open = sessions;
  const seen = await look(some, open.reached, project.progress);
  const byApp = new Map(seen.map((one) => [one.one.app.name, one]));
  return {
    rows: some.map((one) => rowOf(one, byApp.get(one.app.name) ?? null, last)),
    diagnostics: [
      ...open.missed.flatMap(({ diagnostics }) => diagnostics),
      ...seen.flatMap(({ trouble }) => trouble.map((d) => project.locate(d))),
    ],
    unreached: open.missed.map(({ instance }) => instance.name),
  };
}

type Last = ReadonlyMap<string, NonNullable<MigrationRow['last']>>;

function rowOf({ app, instance, where, tool }: Migrating, seen: Seen | null, last: Last): MigrationRow {
  const standing = seen?.standing ?? null;
  return {
    app: app.name,
    instance: instance.name,
    engine: instance.engine.id,
    place: where,
    tool: tool.id,
    state: stateOf(seen),
    current: standing?.current ?? [],
    head: standing?.head ?? seen?.files?.heads ?? [],
    pending: standing?.pending ?? [],
    drift: standing?.drift ?? [],
    last: last.get(app.name) ?? null,
  };
}

function stateOf(seen: Seen | null): MigrationState {
  if (!seen?.standing) return 'unknown';
  if (seen.worker !== null) return 'running';
  if (seen.standing.drift.length > 0) return 'drifted';
  return seen.standing.pending.length > 0 ? 'behind' : 'current';
}

/** Of each app the newest run from here that did something with its migrations. */
async function lastRuns(project: Project): Promise<Last> {
  const found = new Map<string, NonNullable<MigrationRow['last']>>();
  for await (const { head, steps, ending } of pastRuns(journalFolder(project))) {
    if (head.project !== project.manifest.project || head.intent.verb !== 'migrate') continue;
    for (const step of steps) {
      if (step.address.kind !== KIND || step.app === null || found.has(step.app)) continue;
      const said = ending === 'cut-short' || ending === 'running' ? ending : step.status;
      found.set(step.app, { at: step.at, by: `${head.by.user}@${head.by.host}`, ending: said });
    }
  }
  return found;
}
