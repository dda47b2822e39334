import { parseAcl } from '../acl.ts';
import { readMark } from '../marks/mark.ts';
import type { SharedRows } from '../queries/shared.ts';

/** What an unmarked role or database has to do with another project. */
export interface Tie {
  readonly project: string;
  /** As `is a member of role "x"`: the project follows. */
  readonly why: string;
}

type Ties = (kind: 'role' | 'database', name: string) => Tie | undefined;

/** Somebody may have written over a comment: what bears a mark still tells of what depends on it. Nobody adopts that. */
export function tiesIn(rows: SharedRows, project: string): Ties {
  const theirs = new Map<string, string>();
  for (const row of rows.roles) {
    const mark = readMark(row[10]);
    if (mark && mark.project !== project) theirs.set(row[0], mark.project);
  }
  const ties = new Map<string, Tie>();
  for (const [group, member] of rows.members) {
    const by = theirs.get(group);
    if (by !== undefined) ties.set(`role/${member}`, { project: by, why: `is a member of role "${group}"` });
  }
  for (const [name, owner, , , , , , , items, comment] of rows.databases) {
    const holder = [owner, ...Object.keys(parseAcl(items ?? []))].find((role) => theirs.has(role));
    if (holder !== undefined) ties.set(`database/${name}`, { project: theirs.get(holder) ?? '', why: `is open to role "${holder}"` });
    const mark = readMark(comment);
    if (mark && mark.project !== project) ties.set(`role/${owner}`, { project: mark.project, why: `owns database "${name}"` });
  }
  return (kind, name) => ties.get(`${kind}/${name}`);
}
