import { type AppMark, hashesOf } from '../../../engine/index.ts';
import type { Resource } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import { type Mark, readMark } from '../marks/mark.ts';
import { AcceptedRoles } from './accepted-roles.ts';
import { type Tie, tiesIn } from './implied.ts';
import type { SharedRows } from '../queries/shared.ts';
import { isKind } from '../spec.ts';

/**
 * Whose each role and database is, as their marks say. One that lost its mark still counts as ours where the manifest is
 * the one of the last complete apply, which had it, or where what is left proves it; and so does a database that was being made
 * when an apply ended.
 */
export class Owners {
  readonly #roles = new Map<string, Mark>();
  readonly #databases = new Map<string, Mark>();
  readonly #names: ReadonlySet<string>;
  readonly #project: string;
  /** Whose rights stay as they are. */
  readonly accepted: AcceptedRoles;
  /** What another project has to do with a role or database that bears no mark. */
  readonly tie: ReturnType<typeof tiesIn>;

  constructor(input: Input, rows: SharedRows, desired: readonly Resource[]) {
    const { project } = input;
    this.#project = project;
    this.tie = tiesIn(rows, project);
    for (const row of rows.roles) put(this.#roles, row[0], row[10]);
    for (const row of rows.databases) put(this.#databases, row[0], row[9]);
    const hashes = hashesOf(desired, input);
    const intact = new Set(
      marksOf(rows, project, hashes).flatMap(({ app, applied }) => (applied !== null && applied === hashes.get(app) ? [app] : [])),
    );
    const begun = new Set([...this.#roles.values()].filter((mark) => ownedIn(mark, project)).map((mark) => mark.app));
    const roles = new Set(rows.roles.map((row) => row[0]));
    this.#names = roles;
    const closed = new Set(rows.databases.filter((row) => !row[6] && row[9] === null).map((row) => row[0]));
    const databases = new Set(rows.databases.map((row) => row[0]));
    for (const one of desired) {
      const { name } = one.address;
      const mark = { project, app: one.app };
      if (isKind(one, 'role') && roles.has(name) && !this.#roles.has(name) && intact.has(one.app ?? '')) this.#roles.set(name, mark);
      if (isKind(one, 'database') && databases.has(name) && !this.#databases.has(name)) {
        if (intact.has(one.app ?? '') || (closed.has(name) && begun.has(one.app))) this.#databases.set(name, mark);
      }
    }
    for (const { kind, name, mark, proven } of rows.lost) {
      const marks = kind === 'role' ? this.#roles : this.#databases;
      if (proven && !marks.has(name)) marks.set(name, mark);
    }
    const claimed = new Set(desired.flatMap((one) => (isKind(one, 'role') ? [one.address.name] : [])));
    this.accepted = new AcceptedRoles(input, rows, (role) => claimed.has(role) || this.isOurs(role));
  }

  /** True for a role of this project, one that was retired included. */
  isOurs(role: string): boolean {
    return this.#roles.get(role)?.project === this.#project;
  }

  role(name: string): Mark | undefined {
    return this.#roles.get(name);
  }

  /** The app that the manifest no longer names, or that is put aside, and has or had this login; null: no such login is left. */
  leftWith(login: string, { placements }: Pick<Input, 'placements'>): string | null | undefined {
    if (this.#names.has(login)) {
      const app = this.#roles.get(login)?.app ?? null;
      return app === null || !this.isOurs(login) || placements.some((one) => one.app === app) ? undefined : app;
    }
    const put = [...this.#roles.values()].find(
      (mark) => mark.was === login && mark.retired !== undefined && mark.project === this.#project,
    );
    return put?.app ?? null;
  }

  database(name: string): Mark | undefined {
    return this.#databases.get(name);
  }
}

function put(map: Map<string, Mark>, name: string, comment: string | null): void {
  const mark = readMark(comment);
  if (mark) map.set(name, mark);
}

/** For the spec of an object; its own mark goes first. */
export function tieOf(mark: Mark | undefined, owners: Owners, [kind, name]: ['role' | 'database', string]): { readonly tie?: Tie } {
  const tie = mark ? undefined : owners.tie(kind, name);
  return tie ? { tie } : {};
}

export function ownedIn(mark: Mark | undefined, project: string): boolean {
  return mark?.project === project && mark.retired === undefined;
}

/** Apps of this project as their marks tell them, retired ones included; '' for what serves several. */
export function marksOf(rows: SharedRows, project: string, hashes: ReadonlyMap<string, string>): readonly AppMark[] {
  const marks = new Map<string, AppMark>();
  // A role that an app no longer uses may still carry the hash of another time.
  const better = (app: string, a: string | null, b: string | null): string | null => (a !== null && a === hashes.get(app) ? a : (b ?? a));
  let shared: string | null = null;
  // An older version wrote it on the first app's roles. Once there is a ledger, that says nothing any more.
  let older: string | null = null;
  for (const row of rows.roles) {
    const mark = readMark(row[10]);
    if (mark?.project !== project) continue;
    if (mark.app === null) {
      shared ??= mark.shared ?? null;
      continue;
    }
    const key = `${mark.app} ${mark.retired ?? ''}`;
    const known = marks.get(key);
    marks.set(key, {
      app: mark.app,
      applied: better(mark.app, known?.applied ?? null, mark.applied ?? null),
      retired: mark.retired ?? null,
    });
    if (mark.retired === undefined) older = better('', older, mark.shared ?? null);
  }
  const applied = shared ?? older;
  if (applied !== null) marks.set('', { app: '', applied, retired: null });
  return [...marks.values()];
}
