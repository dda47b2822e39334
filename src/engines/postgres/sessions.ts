import type { StepDraft } from '../../engine/index.ts';
import type { Statement } from '../../model/index.ts';
import { type Context, SHARED, step } from './draft-steps.ts';
import { literal } from './quote.ts';

/** Milliseconds that a session gets to end. */
const PATIENCE = 5000;

/** Ends the sessions of these roles, as far as this admin may. */
export function endRoles(roles: readonly string[]): Statement {
  return {
    text: `SELECT pg_catalog.pg_terminate_backend(a.pid, ${PATIENCE}) FROM pg_catalog.pg_stat_activity a WHERE a.usename = ANY (ARRAY[${roles.map(literal).join(', ')}]::pg_catalog.name[]) AND a.pid <> pg_catalog.pg_backend_pid() AND pg_catalog.pg_has_role(a.usesysid, 'USAGE')`,
  };
}

/** Ends the sessions in a database that could not open one now. */
export function endStrangers(database: string): Statement {
  return {
    text: `SELECT pg_catalog.pg_terminate_backend(a.pid, ${PATIENCE}) FROM pg_catalog.pg_stat_activity a WHERE a.datname = ${literal(database)} AND a.usesysid IS NOT NULL AND NOT pg_catalog.has_database_privilege(a.usesysid, a.datid, 'CONNECT') AND pg_catalog.pg_has_role(a.usesysid, 'USAGE')`,
  };
}

/** Taking a right away does not end a session that holds it: every tightening is followed by this. */
export function endSessions(drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const apps = new Map<string, StepDraft[]>();
  const out: StepDraft[] = [];
  for (const draft of drafts) {
    if (draft.risk !== 'access-reducing') continue;
    const onlyLimit = draft.fields.length > 0 && draft.fields.every((field) => field.field === 'connectionLimit');
    if (draft.address.kind === 'role' && !onlyLimit) apps.set(draft.app ?? '', [...(apps.get(draft.app ?? '') ?? []), draft]);
    if (draft.address.kind === 'database' || draft.address.kind === 'perimeter') {
      out.push(ending(draft.address.name, draft.app, [endStrangers(draft.address.name)], [draft.id], draft));
    }
  }
  for (const [app, causes] of apps) {
    const roles = rolesOf(app, context);
    if (roles.length > 0 && causes[0])
      out.push(
        ending(
          app,
          app === '' ? null : app,
          [endRoles(roles)],
          causes.map((cause) => cause.id),
          causes[0],
        ),
      );
  }
  return out;
}

function ending(name: string, app: string | null, statements: readonly Statement[], after: readonly string[], cause: StepDraft): StepDraft {
  const address = { ...cause.address, kind: 'sessions', name };
  return step({
    address,
    app,
    part: cause.address.kind,
    action: 'run',
    title: 'end sessions that hold what was taken',
    facts: { of: name },
    statements,
    reverse: [],
    risk: 'access-reducing',
    after,
    lane: SHARED,
    unit: null,
  });
}

function rolesOf(app: string, context: Context): readonly string[] {
  return context.observation.resources
    .filter((one) => one.address.kind === 'role' && (one.app ?? '') === app)
    .map((one) => one.address.name);
}
