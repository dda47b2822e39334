import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { copiedRoles } from '../marks/copied-roles.ts';
import { withoutMarks } from '../marks/copies.ts';
import { among, unprovenMarks } from '../marks/unproven.ts';
import type { SharedCatalog } from './catalog-shared.ts';

/** Without the marks that others could have written. */
export function withProvenMarks(rows: SharedCatalog, input: Input, hasSecret: (login: string) => boolean): SharedCatalog {
  const all = {
    roles: rows.roles.map((row) => ({ name: row[0], login: row[1], comment: row[10] })),
    members: rows.members,
    operators: new Set([rows.server[0]?.[0] ?? '', ...rows.roles.flatMap((row) => (row[3] ? [row[0]] : []))]),
    databases: rows.databases.map((row) => ({
      name: row[0],
      owner: row[1],
      comment: row[5],
      acl: row[4],
    })),
  };
  const { resources: desired } = compile(input);
  const unproven = unprovenMarks(all, { ...input, desired, hasSecret });
  const isUnproven = among(unproven, 'role');
  const left = all.roles.map((role) => (isUnproven(role.name) ? { ...role, comment: null } : role));
  const copied = copiedRoles({ ...all, roles: left }, input.project, { desired, hasSecret });
  if (unproven.length + copied.size === 0) return rows;
  return {
    ...rows,
    roles: withoutMarks(rows.roles, 10, (name) => isUnproven(name) || copied.has(name)),
    databases: withoutMarks(rows.databases, 5, among(unproven, 'database')),
  };
}
