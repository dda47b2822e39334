import type { ProbeInfo } from '../../../../engine/index.ts';
import { probe } from '../probe.ts';

const ROWS = { levels: ['rows'] } as const;

/** Between apps that share tables. */
export const rowProbes: readonly ProbeInfo[] = [
  probe('R01', 'analysis', 'BREACH', {
    title: 'Owners that bypass row-level security',
    attack: 'An app owns a shared table or may become its owner, or row security is not forced for the owner.',
    example: 'SELECT count(*) FROM docs  -- as the owner',
    why: 'The owner sees every row and may switch the guard off.',
    hardening: 'ALTER TABLE docs FORCE ROW LEVEL SECURITY; the owner cannot log in and has no app among its members.',
    ...ROWS,
  }),
  probe('R02', 'analysis', 'BREACH', {
    title: 'A workspace that the client chooses',
    attack: 'The client sets what the policies believe: a custom setting, SET ROLE, or the table that maps logins to workspaces.',
    example: "SET app.workspace = 'b'; SELECT count(*) FROM docs WHERE workspace <> cotenant.workspace()",
    why: 'Every row of every app, to read and to change.',
    hardening:
      'Policies ask session_user through a pinned function of the operator; nothing that the client can set is believed. What shows rows past the policies: REVOKE SELECT ON … FROM ….',
    ...ROWS,
  }),
  probe('R05', 'analysis', 'BREACH', {
    title: 'Policies that widen the guard',
    attack:
      'Permissive policies are joined by OR: one that does not mention the workspace opens all rows where no restrictive guard stands.',
    example: 'CREATE POLICY ins ON docs FOR INSERT WITH CHECK (true)',
    why: 'Rows of others are read, or rows are planted in their workspaces.',
    hardening: 'One restrictive policy on each table, for all commands and all roles that can reach it.',
    ...ROWS,
  }),
  probe('R06', 'analysis', 'BREACH', {
    title: 'TRUNCATE',
    attack: 'TRUNCATE does not ask row level security.',
    example: "SELECT has_table_privilege('docs', 'TRUNCATE')",
    why: 'All apps lose their rows in one statement.',
    hardening: 'GRANT SELECT, INSERT, UPDATE, DELETE and nothing else.',
    ...ROWS,
  }),
  probe('R07', 'analysis', 'BREACH', {
    title: 'Views that read with their owner’s rights',
    attack: 'A view without security_invoker is granted to the apps.',
    example: 'SELECT * FROM all_docs',
    why: 'It shows the rows that its owner sees: all of them.',
    hardening: 'CREATE VIEW … WITH (security_invoker = true) from 15 on; do not grant it on 14.',
    ...ROWS,
  }),
  probe('R08', 'analysis', 'BREACH', {
    title: 'Materialized views',
    attack: 'A materialized view of shared tables is granted to the apps.',
    example: 'SELECT * FROM docs_summary',
    why: 'It holds everybody’s rows and knows no policies.',
    hardening: 'REVOKE ALL ON … FROM the apps’ group.',
    ...ROWS,
  }),
  probe('R09', 'analysis', 'BREACH', {
    title: 'SECURITY DEFINER functions over shared tables',
    attack: 'The apps may call a function that runs as the owner of the tables.',
    example: 'SELECT cnt()',
    why: 'It sees what the owner sees: all rows.',
    hardening: 'SECURITY INVOKER, or REVOKE EXECUTE.',
    ...ROWS,
  }),
  probe('R10', 'analysis', 'BREACH', {
    title: 'Partitions and child tables',
    attack: 'A partition is granted by itself; policies of the parent do not hold there.',
    example: 'SELECT * FROM ev_b',
    why: 'The rows of a partition are read without the guard.',
    hardening: 'Grant the parent only; row security on partitions too.',
    ...ROWS,
  }),
  probe('R11', 'analysis', 'LEAK', {
    title: 'LEAKPROOF functions',
    attack: 'A function that is marked leakproof is called on rows before the guard has looked at them.',
    example: 'CREATE FUNCTION peek(text) … LEAKPROOF',
    why: 'It tells what it saw.',
    hardening: 'ALTER FUNCTION … NOT LEAKPROOF',
  }),
  probe('R14', 'analysis', 'BREACH', {
    title: 'BYPASSRLS',
    attack: 'An app’s login, or a role that it can become, ignores row level security.',
    example: 'ALTER ROLE app_a BYPASSRLS',
    why: 'All rows of all apps.',
    hardening: 'ALTER ROLE app_a NOBYPASSRLS',
  }),
  probe('R15', 'analysis', 'BREACH', {
    title: 'Shared tables without row security',
    attack: 'A table that the apps can reach has no row security, or none that speaks of the workspace.',
    example: "SELECT relname FROM pg_class WHERE NOT relrowsecurity AND has_table_privilege(oid, 'SELECT')",
    why: 'All its rows are everybody’s.',
    hardening: 'ALTER TABLE … ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, and the guard policy.',
    ...ROWS,
  }),
  probe('R17', 'analysis', 'BREACH', {
    title: 'Rules on shared tables',
    attack: 'A rule answers in the place of the table, with the rights of its owner.',
    example: 'CREATE RULE r AS ON DELETE TO docs DO INSTEAD SELECT * FROM docs',
    why: 'The guard speaks of the table, not of what a rule makes of a statement: rows of all apps come back, or are changed.',
    hardening: 'DROP RULE; a trigger with the rights of the caller.',
    ...ROWS,
  }),
];
