import type { Planned, StepDraft } from '../../engine/index.ts';
import type { Observed, Statement } from '../../model/index.ts';
import { type Context, SHARED, step } from './draft-steps.ts';
import { inside, insideOf } from './inside.ts';
import { writeMark } from './mark.ts';
import { retiredName } from './names.ts';
import { ident, literal, roles } from './quote.ts';
import { endRoles } from './sessions.ts';

/** kind `retired`, named `role/…`, `database/…` or `schema/database/…` by its present name. */
export interface RetiredSpec {
  readonly was: string;
  /** ISO day. */
  readonly day: string;
  readonly login: boolean;
}

/** Apps that the manifest no longer names become tombstones: no login, no connection, a name with the day in it. Nothing of theirs is dropped. */
export function retireSteps(context: Context): readonly StepDraft[] {
  const { input, observation } = context;
  const named = new Set([...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)]);
  const gone = [
    ...new Set(
      observation.marks.filter((mark) => mark.app !== '' && mark.retired === null && !named.has(mark.app)).map((mark) => mark.app),
    ),
  ].sort();
  const out = gone.flatMap((app) => retireApp(app, context));
  return input.removal === 'delete' ? [...out, ...dropSteps(context, named)] : out;
}

function retireApp(app: string, context: Context): readonly StepDraft[] {
  const { input, observation, today } = context;
  const mine = observation.resources.filter((one) => one.app === app && one.owned);
  const logins = mine.filter((one) => one.address.kind === 'role').map((one) => one.address.name);
  const databases = mine.filter((one) => one.address.kind === 'database').map((one) => one.address.name);
  const schemas = mine.filter((one) => one.address.kind === 'stray-schema').map((one) => one.address.name);
  const mark = (was: string): string => literal(writeMark({ project: input.project, app, retired: today, was }));
  const base = { app, lane: SHARED, fields: [], reverse: null, risk: 'access-reducing' as const };
  const address = (kind: string, name: string) => ({ engine: 'postgres', instance: input.name, kind, name });
  const close: Statement[] = [
    ...logins.map((login) => ({ text: `ALTER ROLE ${ident(login)} NOLOGIN` })),
    ...databases.map((name) => ({ text: `REVOKE CONNECT ON DATABASE ${ident(name)} FROM ${roles(logins)}` })),
  ];
  const out: StepDraft[] = [];
  const put = (
    part: string,
    kind: string,
    name: string,
    title: string,
    statements: readonly Statement[],
    unit: string | null,
    lane: string = SHARED,
  ): void => {
    const after = out.at(-1)?.id;
    out.push(
      step({
        ...base,
        address: address(kind, name),
        part,
        action: 'update',
        title,
        facts: { app, restore: `cotenant restore-app ${app}` },
        statements,
        after: after === undefined ? [] : [after],
        lane,
        unit,
      }),
    );
  };
  put('retire', 'app', app, 'close app that is no longer in the manifest', close, `retire:${app}`);
  if (logins.length > 0) put('retire', 'sessions', app, 'end its sessions', [endRoles(logins)], null);
  for (const name of schemas) {
    const [database, plain] = insideOf(name);
    const next = retiredName(plain, today);
    put(
      'retire',
      'schema',
      name,
      'retire schema',
      [{ text: `ALTER SCHEMA ${ident(plain)} RENAME TO ${ident(next)}` }, { text: `COMMENT ON SCHEMA ${ident(next)} IS ${mark(plain)}` }],
      `retire:${app}`,
      `db:${database}`,
    );
  }
  for (const name of databases) {
    const next = retiredName(name, today);
    // Stays open to the operator, who may want to look or to dump.
    put(
      'retire',
      'database',
      name,
      'retire database',
      [{ text: `ALTER DATABASE ${ident(name)} RENAME TO ${ident(next)}` }, { text: `COMMENT ON DATABASE ${ident(next)} IS ${mark(name)}` }],
      `retire-names:${app}`,
    );
  }
  const renames = logins.flatMap((login): Statement[] => [
    { text: `ALTER ROLE ${ident(login)} RENAME TO ${ident(retiredName(login, today))}` },
    { text: `COMMENT ON ROLE ${ident(retiredName(login, today))} IS ${mark(login)}` },
  ]);
  if (renames.length > 0) put('rename', 'app', app, 'retire roles', renames, `retire-names:${app}`);
  return out;
}

function retiredOf(context: Context, app: string): readonly Observed<RetiredSpec>[] {
  const all = context.observation.resources.filter(
    (one): one is Observed<RetiredSpec> => one.address.kind === 'retired' && one.app === app && one.owned,
  );
  // An app can have been retired more than once: the latest of each name counts.
  const latest = new Map<string, Observed<RetiredSpec>>();
  for (const one of all) {
    const key = `${kindOfRetired(one)[0]} ${one.spec.was}`;
    const known = latest.get(key);
    if (!known || known.spec.day < one.spec.day) latest.set(key, one);
  }
  return [...latest.values()];
}

/** `['role', name]`, `['database', name]` or `['schema', name, database]`. */
function kindOfRetired(one: Observed<RetiredSpec>): readonly [string, string, string] {
  const { name } = one.address;
  const at = name.indexOf('/');
  const kind = name.slice(0, at);
  if (kind !== 'schema') return [kind, name.slice(at + 1), ''];
  const [database, schema] = insideOf(name.slice(at + 1));
  return [kind, schema, database];
}

/** Data of an app that lies under a retired name while its own name is free: retiring or restoring it was cut short, or is done. */
export function putAside(app: string, context: Context): readonly Observed<RetiredSpec>[] {
  return retiredOf(context, app).filter((one) => kindOfRetired(one)[0] !== 'role' && !isTaken(one, context));
}

/** True where something in use has the name that a retired thing had. */
function isTaken(one: Observed<RetiredSpec>, { observation }: Context): boolean {
  const [kind, , database] = kindOfRetired(one);
  const { was } = one.spec;
  const kinds = kind === 'schema' ? ['schema', 'stray-schema'] : [kind];
  const name = kind === 'schema' ? inside(database, was) : was;
  return observation.resources.some(({ address }) => kinds.includes(address.kind) && address.name === name);
}

/** The way back: names and marks as they were. The next apply opens the logins again. */
export function restoreSteps(app: string, context: Context): Planned {
  const { name: instance, project } = context.input;
  const found = retiredOf(context, app);
  const taken = found.filter((one) => isTaken(one, context)).map((one) => `${kindOfRetired(one)[0]} "${one.spec.was}"`);
  if (taken.length > 0) {
    const message = `app "${app}" is in use on "${instance}" (${taken.join(', ')}); its retired data cannot come back under the same name`;
    return {
      steps: [],
      diagnostics: [{ code: 'CT2006', severity: 'error', message, hint: 'rename the app in the manifest first', instance }],
    };
  }
  const isSchema = (one: Observed<RetiredSpec>): boolean => kindOfRetired(one)[0] === 'schema';
  // What has no mark but its own comes first: while the roles are retired, nothing is made anew beside it.
  const schemas = found.filter(isSchema).map((one) => restoreStep(one, app, project, []));
  const ids = schemas.map((draft) => draft.id);
  return {
    steps: [...schemas, ...found.filter((one) => !isSchema(one)).map((one) => restoreStep(one, app, project, ids))],
    diagnostics: [],
  };
}

function restoreStep(one: Observed<RetiredSpec>, app: string, project: string, after: readonly string[]): StepDraft {
  const [kind, name, database] = kindOfRetired(one);
  const word = kind.toUpperCase();
  const mark = kind === 'schema' ? 'NULL' : literal(writeMark({ project, app }));
  return step({
    address: one.address,
    app,
    part: 'restore',
    action: 'update',
    title: `restore ${kind}`,
    facts: { app, name: one.spec.was },
    statements: [
      { text: `ALTER ${word} ${ident(name)} RENAME TO ${ident(one.spec.was)}` },
      { text: `COMMENT ON ${word} ${ident(one.spec.was)} IS ${mark}` },
    ],
    risk: 'safe',
    after,
    lane: kind === 'schema' ? `db:${database}` : SHARED,
    unit: `restore:${app}`,
  });
}

/** With `removal: delete`: a second, confirmed act that ends the data of apps that were retired before. */
function dropSteps(context: Context, named: ReadonlySet<string>): readonly StepDraft[] {
  const retired = [
    ...new Set(context.observation.marks.filter((mark) => mark.retired !== null && !named.has(mark.app)).map((mark) => mark.app)),
  ].sort();
  return retired.flatMap((app) => {
    const mine = context.observation.resources.filter(
      (one): one is Observed<RetiredSpec> => one.address.kind === 'retired' && one.app === app && one.owned,
    );
    const of = (kind: string) => mine.filter((one) => kindOfRetired(one)[0] === kind);
    const owned = of('role').map((one) => kindOfRetired(one)[1]);
    const out: StepDraft[] = [];
    const put = (
      one: Observed<RetiredSpec> | undefined,
      title: string,
      statements: readonly Statement[],
      lane: string,
      unit: string | null,
    ): void => {
      if (!one || statements.length === 0) return;
      const after = out.map((before) => before.id);
      out.push(
        step({
          address: one.address,
          app,
          part: 'drop',
          action: 'delete',
          title,
          facts: { app, name: one.spec.was, retired: one.spec.day },
          statements,
          risk: 'destructive',
          confirm: app,
          after,
          lane,
          unit,
        }),
      );
    };
    for (const one of of('schema'))
      put(
        one,
        'drop schema and everything in it',
        [
          { text: `DROP SCHEMA ${ident(kindOfRetired(one)[1])} CASCADE` },
          // One by one: with several the server looks for default privileges that it has just removed.
          ...owned.map((name) => ({ text: `DROP OWNED BY ${ident(name)}` })),
        ],
        `db:${kindOfRetired(one)[2]}`,
        `drop:${app}`,
      );
    for (const one of of('database'))
      put(
        one,
        'drop database and everything in it',
        [{ text: `DROP DATABASE ${ident(kindOfRetired(one)[1])} WITH (FORCE)` }],
        SHARED,
        null,
      );
    put(
      of('role')[0],
      'drop roles',
      owned.map((name) => ({ text: `DROP ROLE ${ident(name)}` })),
      SHARED,
      `drop:${app}`,
    );
    return out;
  });
}
