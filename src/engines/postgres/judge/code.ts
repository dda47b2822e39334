import type { Observation } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import type { Draft } from '../compile/draft.ts';
import { partOf } from '../part-name.ts';
import { EVENT_TRIGGERS, type EventTriggerRow } from '../queries/database.ts';
import type { SharedRows } from '../queries/shared.ts';
import { type Quiet, runsHere } from '../connect/quiet.ts';
import { ident } from '../quote.ts';
import { isKind, type ObjectClass, type ObjectsSpec } from '../spec.ts';
import { OF_ANOTHER } from './strange.ts';

/** Commands that fire no event trigger. */
export const OF_TRIGGERS = 'event-trigger';

interface CodeContext {
  readonly instance: string;
  readonly database: string;
  readonly rows: Pick<SharedRows, 'members'>;
  readonly isTenant: (role: string) => boolean;
  readonly isOperator: (role: string) => boolean;
  readonly quiet: Quiet;
}

/**
 * An event trigger runs its function in the session of whoever changes the database, the operator's included: who may replace
 * the function has the operator's rights.
 */
export function judgeEventTriggers(context: CodeContext, triggers: readonly EventTriggerRow[]): readonly Diagnostic[] {
  const { instance, database, isTenant, isOperator, quiet } = context;
  return triggers.flatMap(([name, owner, enabled, signature, holder]): readonly Diagnostic[] => {
    if (enabled === 'D') return [];
    const who = isTenant(holder) ? holder : memberAmong(context, holder);
    const stranger = runsHere(enabled, quiet) && !isOperator(holder) ? holder : null;
    const replaces = who ?? stranger;
    if (replaces === null) return [];
    return [dangerOf(instance, database, [name, owner, enabled, signature, holder], replaces)];
  });
}

function dangerOf(instance: string, database: string, [name, owner, , signature]: EventTriggerRow, replaces: string): Diagnostic {
  return {
    code: 'CT2037',
    severity: 'error',
    message: `event trigger "${name}" of "${owner}" in database "${database}" runs ${signature}, which "${replaces}" may replace: whatever it says runs with the rights of whoever changes something in there`,
    hint: `as a superuser, with \`SET event_triggers = off\` (before 17: \`SET session_replication_role = replica\`), read the function, then ALTER FUNCTION ${signature} OWNER TO a role of yours; or ALTER EVENT TRIGGER ${ident(name)} DISABLE`,
    instance,
  };
}

/** The same question once more, on the connection that changes something: what the plan saw may be another thing by now. */
export async function dangerIn(connection: Connection, database: string, instance: string): Promise<Diagnostic | null> {
  if (connection.quiet === 'off') return null;
  const [triggers = [], me = []] = await connection.rows(
    `${EVENT_TRIGGERS}; SELECT r.rolname FROM pg_roles r WHERE r.rolsuper OR r.rolname = current_user`,
  );
  const trusted = new Set(me.map(([name]) => String(name)));
  // The shape stands beside the statement in queries/database.ts.
  const rows = triggers as unknown as readonly EventTriggerRow[];
  const hot = rows.find(([, , enabled, , holder]) => runsHere(enabled, connection.quiet) && !trusted.has(holder));
  return hot ? dangerOf(instance, database, hot, hot[4]) : null;
}

/** A role of an app that is a member, through any chain, of the one that owns it. */
function memberAmong({ rows, isTenant }: CodeContext, owner: string): string | null {
  const seen = new Set([owner]);
  const queue = [owner];
  for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
    for (const [of, member] of rows.members) {
      if (of !== group || seen.has(member)) continue;
      if (isTenant(member)) return member;
      seen.add(member);
      queue.push(member);
    }
  }
  return null;
}

const SHOWN = 5;

/** Objects among those of an app that belong to somebody else and stay so (CT2036). */
export function judgeStaying(draft: Draft, observation: Observation): void {
  for (const one of observation.resources) {
    if (!isKind(one, 'objects')) continue;
    const [database] = partOf(one.address.name);
    const kept = one.spec.classes.filter((found) => (found.stays?.why ?? null) !== null && found.type !== 'column' && !found.linked);
    const groups = Map.groupBy(kept, ({ owner, stays }) => JSON.stringify([owner, stays?.why]));
    for (const group of groups.values()) {
      const [first] = group;
      const why = first?.stays?.why;
      if (!first || !why) continue;
      const names = group.flatMap((found) => found.names.map((name) => `${wordOf(found)} ${name}`));
      const shown = names.slice(0, SHOWN).join(', ');
      draft.warn(
        'CT2036',
        `database "${database}": ${shown}${names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''} of "${first.owner}" ${names.length > 1 ? 'stay' : 'stays'} as ${names.length > 1 ? 'they are' : 'it is'}: ${why}`,
        draft.input.path,
        why === OF_ANOTHER ? hintOfAnother(first, one.spec, spacesIn(observation, database)) : hintOf(first, one.spec),
      );
    }
  }
}

/** Schemas of apps in a database, by the role that owns what is in them. */
function spacesIn(observation: Observation, database: string): ReadonlyMap<string, string> {
  return new Map(
    observation.resources.flatMap((one) =>
      isKind(one, 'objects') && one.spec.schema !== null && partOf(one.address.name)[0] === database
        ? [[one.spec.owner, one.spec.schema] as const]
        : [],
    ),
  );
}

/** Which of the two apps it is of only a person knows, and neither gets what the other has. */
function hintOfAnother({ word, names: [name = ''], owner }: ObjectClass, spec: ObjectsSpec, spaces: ReadonlyMap<string, string>): string {
  const home = spaces.get(owner);
  const back =
    home === undefined
      ? `where it is of the app of ${ident(owner)}, have that app keep it elsewhere`
      : `ALTER ${word} ${name} SET SCHEMA ${ident(home)} puts it back where its owner has the rest`;
  return `${back}; only where it is really this app's: ALTER ${word} ${name} OWNER TO ${ident(spec.owner)}`;
}

function wordOf(found: ObjectClass): string {
  return found.type === 'other' ? found.word.toLowerCase() : found.type;
}

function hintOf(found: ObjectClass, { owner }: ObjectsSpec): string {
  const apart = 'what is yours is safest in a database of its own: who owns a schema may drop what lies in it';
  if (found.type === 'function' || found.type === 'view' || found.type === 'schema') return apart;
  return `if it is the app's: ALTER ${found.word} ${found.names[0] ?? ''} OWNER TO ${ident(owner)}; ${apart}`;
}
