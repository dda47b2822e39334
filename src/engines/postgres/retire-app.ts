import { type StepDraft, draftStep } from '../../engine/index.ts';
import type { Observed, Statement } from '../../model/index.ts';
import { type Context, SHARED } from './draft-steps.ts';
import { inside, insideOf } from './inside.ts';
import { type Mark, writeMark } from './mark.ts';
import { retiredName } from './names.ts';
import { ident, literal, roles } from './quote.ts';
import { endRoles } from './sessions.ts';
import { isKind, type RoleSpec } from './spec.ts';

/** kind `stray-schema`: a schema of an app that the manifest does not name. */
export interface StraySpec {
  readonly owner: string;
  /** Roles of other apps that may enter it. */
  readonly guests: readonly string[];
}

type Renamed = 'ROLE' | 'DATABASE' | 'SCHEMA';

interface Part {
  readonly part: string;
  readonly kind: string;
  readonly name: string;
  readonly title: string;
  readonly statements: readonly Statement[];
  readonly reverse: readonly Statement[];
  readonly unit: string | null;
  readonly lane?: string;
}

/** Closes one app, ends its sessions, and gives everything of it a name with the day in it. One after the other. */
export function retireApp(app: string, drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const out: StepDraft[] = [];
  const mine = context.observation.resources.filter((one) => one.app === app && one.owned);
  const before = drafts.filter((draft) => isAbout(draft, mine)).map((draft) => draft.id);
  for (const one of partsOf(app, context)) {
    if (one.statements.length === 0) continue;
    const { part, kind, name, lane = SHARED, ...rest } = one;
    const after = out.at(-1)?.id;
    out.push(
      draftStep({
        ...rest,
        address: { engine: 'postgres', instance: context.input.name, kind, name },
        app,
        part,
        action: 'update',
        facts: { app, restore: `cotenant restore-app ${app}` },
        risk: 'access-reducing',
        after: after === undefined ? before : [after],
        lane,
      }),
    );
  }
  return out;
}

/** What is taken from the app's roles, or done in its database, is done while they have their names. */
function isAbout({ statements, lane }: StepDraft, mine: readonly Observed[]): boolean {
  return mine.some(({ address: { kind, name } }) => {
    if (kind === 'database') return lane === `db:${name}`;
    return kind === 'role' && statements.some(({ text }) => text.includes(ident(name)));
  });
}

function partsOf(app: string, context: Context): readonly Part[] {
  const mine = context.observation.resources.filter((one) => one.app === app && one.owned);
  const held = mine.filter((one): one is Observed<RoleSpec> => isKind(one, 'role'));
  const logins = held.map((one) => one.address.name);
  const databases = mine.filter((one) => one.address.kind === 'database').map((one) => one.address.name);
  const schemas = mine.filter((one): one is Observed<StraySpec> => one.address.kind === 'stray-schema');
  const names = `retire-names:${app}`;
  const ended = logins.length > 0 ? [endRoles(logins)] : [];
  return [
    {
      part: 'retire',
      kind: 'app',
      name: app,
      title: 'close app that is no longer in the manifest',
      ...closing(held, databases),
      unit: `retire:${app}`,
    },
    { part: 'retire', kind: 'sessions', name: app, title: 'end its sessions', statements: ended, reverse: [], unit: null },
    ...schemas.map(({ address: { name }, spec }): Part => {
      const [database, plain] = insideOf(name);
      const { statements, reverse } = renaming('SCHEMA', plain, app, context, database);
      return {
        part: 'retire',
        kind: 'schema',
        name,
        title: 'retire schema',
        statements: [...expelling(plain, spec.guests), ...statements],
        reverse,
        unit: `retire:${app}`,
        lane: `db:${database}`,
      };
    }),
    // Stays open to the operator, who may want to look or to dump.
    ...databases.map(
      (name): Part => ({
        part: 'retire',
        kind: 'database',
        name,
        title: 'retire database',
        ...renaming('DATABASE', name, app, context),
        unit: names,
      }),
    ),
    {
      part: 'rename',
      kind: 'app',
      name: app,
      title: 'retire roles',
      ...all(logins.map((login) => renaming('ROLE', login, app, context))),
      unit: names,
    },
  ];
}

/** What others could read in a schema, through shares, they cannot read in a retired one. */
function expelling(schema: string, guests: readonly string[]): readonly Statement[] {
  if (guests.length === 0) return [];
  return [
    { text: `REVOKE ALL ON SCHEMA ${ident(schema)} FROM ${roles(guests)} CASCADE` },
    { text: `REVOKE ALL ON ALL TABLES IN SCHEMA ${ident(schema)} FROM ${roles(guests)} CASCADE` },
  ];
}

type Both = Pick<Part, 'statements' | 'reverse'>;

function closing(held: readonly Observed<RoleSpec>[], databases: readonly string[]): Both {
  const names = held.map((one) => one.address.name);
  return {
    statements: [
      ...names.map((name) => ({ text: `ALTER ROLE ${ident(name)} NOLOGIN` })),
      ...databases.map((database) => ({ text: `REVOKE CONNECT ON DATABASE ${ident(database)} FROM ${roles(names)}` })),
    ],
    reverse: held.filter((one) => one.spec.login).map((one) => ({ text: `ALTER ROLE ${ident(one.address.name)} LOGIN` })),
  };
}

/** An app or reader of one name can go more than once a day. `database`: of a schema. */
function freeName(what: Renamed, name: string, database: string, { observation, today }: Context): string {
  const taken = new Set(observation.resources.flatMap(({ address }) => (address.kind === 'retired' ? [address.name] : [])));
  for (let nth = 1; ; nth++) {
    const next = retiredName(name, today, nth);
    if (!taken.has(`${what.toLowerCase()}/${what === 'SCHEMA' ? inside(database, next) : next}`)) return next;
  }
}

function renaming(what: Renamed, name: string, app: string, context: Context, database = ''): Both {
  const { input, today } = context;
  const next = freeName(what, name, database, context);
  const mark = (more: Partial<Mark>): string => literal(writeMark({ project: input.project, app, ...more }));
  const move = (from: string, to: string, comment: string): Statement[] => [
    { text: `ALTER ${what} ${ident(from)} RENAME TO ${ident(to)}` },
    { text: `COMMENT ON ${what} ${ident(to)} IS ${comment}` },
  ];
  return {
    statements: move(name, next, mark({ retired: today, was: name })),
    reverse: move(next, name, what === 'SCHEMA' ? 'NULL' : mark({})),
  };
}

function all(parts: readonly Both[]): Both {
  return { statements: parts.flatMap((one) => one.statements), reverse: parts.flatMap((one) => one.reverse) };
}
