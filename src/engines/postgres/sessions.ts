import { type StepDraft, draftStep } from '../../engine/index.ts';
import type { FieldChange, Statement } from '../../model/index.ts';
import { type Context, SHARED } from './draft-steps.ts';
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
  const apps = new Map<string, { readonly roles: Set<string>; readonly causes: StepDraft[] }>();
  const out: StepDraft[] = [];
  for (const draft of drafts) {
    if (draft.risk !== 'access-reducing') continue;
    if (draft.address.kind === 'role') {
      const found = apps.get(draft.app ?? '') ?? { roles: new Set(), causes: [] };
      const holders = holdersOf(draft, context);
      for (const role of holders) found.roles.add(role);
      if (holders.length > 0) found.causes.push(draft);
      apps.set(draft.app ?? '', found);
    }
    if (draft.address.kind === 'database' || draft.address.kind === 'perimeter') {
      out.push(ending(draft.address.name, draft.app, [endStrangers(draft.address.name)], [draft.id], draft));
    }
  }
  for (const [app, { roles, causes }] of apps) {
    const [first] = causes;
    if (!first) continue;
    const after = causes.map((cause) => cause.id);
    out.push(ending(app, app === '' ? null : app, [endRoles([...roles])], after, first));
  }
  return out;
}

/** Whose sessions may still use what a step takes: those of the app, and of roles from outside that were members. */
function holdersOf({ app, fields }: StepDraft, context: Context): readonly string[] {
  const outsiders = fields.flatMap(({ field, from }) =>
    from === 'member' && field.startsWith(OUTSIDER) ? [field.slice(OUTSIDER.length)] : [],
  );
  const takesOwn = fields.length === 0 || fields.some(isTightening);
  return [...(takesOwn ? rolesOf(app ?? '', context) : []), ...outsiders];
}

const OUTSIDER = 'member ';

/** A lower limit or another setting counts from the next session on. */
function isTightening({ field, from, to }: FieldChange): boolean {
  if (['connectionLimit', 'mark', 'validUntil'].includes(field) || field.startsWith('setting ')) return false;
  if (field === 'password') return from !== 'none';
  if (field.startsWith('member of ')) return from !== null;
  if (field.startsWith(OUTSIDER)) return false;
  return to !== true;
}

function ending(name: string, app: string | null, statements: readonly Statement[], after: readonly string[], cause: StepDraft): StepDraft {
  const address = { ...cause.address, kind: 'sessions', name };
  return draftStep({
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
