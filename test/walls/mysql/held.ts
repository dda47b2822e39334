import type { Mutation } from './mutation.ts';

const opened: readonly (readonly [name: string, open: readonly string[], close: readonly string[]])[] = [
  ['a right on a database', ['GRANT SELECT ON `wall\\_b`.* TO <who>'], ['REVOKE SELECT ON `wall\\_b`.* FROM <who>']],
  ['a right on everything', ['GRANT SELECT ON *.* TO <who>'], ['REVOKE SELECT ON *.* FROM <who>']],
  [
    'a role',
    ["CREATE ROLE 'wall_role'", "GRANT SELECT ON wall_b.* TO 'wall_role'", "GRANT 'wall_role' TO <who>", '<default>'],
    ["DROP ROLE 'wall_role'"],
  ],
];
const DEFAULT = { mysql: "SET DEFAULT ROLE 'wall_role' TO <who>", mariadb: "SET DEFAULT ROLE 'wall_role' FOR <who>" };

/** Sessions that entered a database while they might, and are still there. */
export const held: readonly Mutation[] = ['wall_a_user', 'web', 'wall_lens_user'].flatMap((user) =>
  opened.flatMap(([name, open, close]) =>
    (['mysql', 'mariadb'] as const).map((flavor): Mutation => {
      const words = (sql: string): string => sql.replace('<default>', DEFAULT[flavor]).replaceAll('<who>', `'${user}'@'%'`);
      return {
        id: `a session of ${user} that had ${name}`,
        sql: open.map(words),
        flavor,
        held: { user, database: 'wall_b', after: close.map(words) },
      };
    }),
  ),
);

/** An account that goes while its session stays. */
export const orphans: readonly Mutation[] = [
  ['dropped', "DROP USER 'fresh'@'%'"],
  ['locked', "ALTER USER 'fresh'@'%' ACCOUNT LOCK"],
].map(([name = '', after = '']) => ({
  id: `a session of somebody who was ${name}`,
  sql: ["CREATE USER 'fresh'@'%' IDENTIFIED BY 'judge'", 'GRANT SELECT ON wall_b.* TO fresh'],
  held: { user: 'fresh', database: 'wall_b', after: [after] },
}));
