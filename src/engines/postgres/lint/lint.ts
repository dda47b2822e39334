import { type InstanceInput, placementOf, type SessionContext } from '../../../engine/index.ts';
import type { LintFinding, RenderedMigration } from '../../../model/index.ts';
import { loginsOf } from '../compile/logins.ts';
import type { Config, Placement } from '../config.ts';
import { Connection, targetOf } from '../connect/connection.ts';
import { namesOf } from '../shares/shares.ts';
import { readLive } from './live.ts';
import { objectRules } from './object-rules.ts';
import { type Parsed, parseScript, type Statement } from './parse.ts';
import { rules } from './rules.ts';
import { sharedRules } from './shared-rules.ts';
import type { Hit, Live, Place, State } from './state.ts';
import { transactionRules, unended } from './transaction-rules.ts';
import { callsIn, nameWords } from './walk.ts';

type Input = InstanceInput<Config, Placement>;

/** As `LintAbility.lint`. */
export async function lint(
  input: Input,
  app: string,
  scripts: readonly RenderedMigration[],
  context: SessionContext | null,
): Promise<readonly LintFinding[]> {
  const place = placeOf(input, app);
  if (!place) return [];
  const parsed = await Promise.all(scripts.map(async (script) => ({ script, parsed: await parseScript(script.sql) })));
  const live = context === null ? null : await liveOf(input, place, parsed, context);
  return lintWith(place, live, parsed);
}

interface Read {
  readonly script: RenderedMigration;
  readonly parsed: Parsed;
}

/** Pure: what is found where the server is as `live` says. Scripts in the order in which they will run. */
export function lintWith(place: Place, live: Live | null, scripts: readonly Read[]): readonly LintFinding[] {
  const made = new Set<string>();
  return scripts.flatMap(({ script, parsed }) => {
    if ('error' in parsed)
      return [
        finding(
          place,
          script,
          { line: parsed.line, text: lineAt(script.sql, parsed.line) },
          { rule: 'syntax-error', message: parsed.error },
        ),
      ];
    const state: State = { script, place, live, made, lockTimeout: false, begun: false, altered: false };
    const found = parsed.statements.flatMap((statement) => {
      const hits = [...sharedRules(statement, state), ...transactionRules(statement, state), ...objectRules(statement, state)];
      return hits.filter(({ rule }) => !statement.ignored.includes(rule)).map((hit) => finding(place, script, statement, hit));
    });
    const last = parsed.statements.at(-1);
    return last ? [...found, ...unended(state).map((hit) => finding(place, script, last, hit))] : found;
  });
}

const byId = new Map(rules.map((rule) => [rule.id, rule]));

function finding(
  { app }: Place,
  { revision, file }: RenderedMigration,
  { line, text }: Pick<Statement, 'line' | 'text'>,
  { rule, message }: Hit,
): LintFinding {
  const known = byId.get(rule);
  if (!known) throw new Error(`no rule ${rule}`);
  return {
    rule,
    severity: known.severity,
    app,
    revision,
    file,
    line,
    statement: text.split('\n', 1)[0] ?? '',
    message,
    instead: known.instead,
  };
}

function lineAt(sql: string, line: number): string {
  return sql.split('\n')[line - 1] ?? '';
}

async function liveOf(input: Input, place: Place, scripts: readonly Read[], context: SessionContext): Promise<Live> {
  const functions = scripts.flatMap(({ parsed }) => ('error' in parsed ? [] : callsIn(parsed.statements.map(({ node }) => node))));
  const names = new Set(functions.map(({ funcname }) => nameWords(funcname).at(-1) ?? ''));
  const target = await targetOf(input.config, context);
  await using connection = await Connection.open(target, { database: place.database, name: 'cotenant lint', reading: true }, context);
  return await readLive(connection, place, [...names]);
}

function placeOf(input: Input, app: string): Place | null {
  const placed = placementOf(input, app);
  if (!placed) return null;
  const { placement } = placed;
  const names = namesOf(app, placement);
  const beside = input.placements.filter((other) => other.app !== app && namesOf(other.app, other.placement).database === names.database);
  const logins = loginsOf(app, placement);
  return {
    app,
    database: names.database,
    schemas: [names.schema, ...(placement.isolation === 'database' ? ['public'] : [])],
    alone: placement.isolation === 'database',
    mayCreateSchemas: placement.isolation === 'database' || placement.relax.createOnDatabase === true,
    roles: new Set([names.owner, names.readWrite, names.readOnly, ...logins.flatMap(({ slots }) => slots)]),
    neighbours: new Map(beside.map((other) => [namesOf(other.app, other.placement).schema, other.app])),
    lockTimeout: placement.lockTimeout !== undefined || 'lock_timeout' in placement.settings,
  };
}
