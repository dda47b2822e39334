import { checkBudget, type Compiled, inClear, type PlacementInput, tlsMode } from '../../../engine/index.ts';
import { urlForm } from '../connect/url-form.ts';
import type { Path } from '../../../model/index.ts';
import { oncePer } from '../../../util/once.ts';
import { lookUp } from '../../../util/record.ts';
import { demands, READER_CONNECTIONS } from './budget.ts';
import { accountKey } from '../observe/catalog.ts';
import type { Placement } from '../config.ts';
import { Draft, type Input } from './draft.ts';
import { keyOf, textOf } from '../grants.ts';
import { loginsOf } from './logins.ts';
import { baseName, LEDGER, namesOf } from '../names.ts';
import { READING } from '../privileges.ts';
import { compileShares, grantsOf, pairsOf } from '../shares.ts';
import { type AccountSpec, CHARSET, type Grants, type Limit } from '../spec.ts';

/** Everything that the manifest asks of one instance, checked as far as that goes without asking the server. An input is frozen: it is worked out once. */
export const compile = oncePer((input: Input): Compiled => compileAll(input));

function compileAll(input: Input): Compiled {
  const draft = new Draft(input);
  const { config, path } = input;
  draft.tell(...inClear(input, urlForm));
  if (config.requireSsl && (tlsMode(config, urlForm) ?? 'disable') === 'disable') {
    draft.error(
      'CT1016',
      `"${input.name}" refuses accounts without TLS, and nobody is told to use it`,
      [...path, 'requireSsl'],
      'add `sslmode: require`, or one of the stricter ones',
    );
  }
  draft.add('ledger', LEDGER, null, { complete: true }, path);
  if (config.perimeter === 'close')
    draft.add('perimeter', 'server', null, { anonymous: [], everybody: {}, rows: {}, roles: {}, kept: {} }, path);
  draft.add('strays', 'server', null, { rows: [] }, path);
  compilePeople(draft);
  for (const placed of input.placements) compileApp(draft, placed);
  compileReaders(draft);
  compileShares(draft);
  if (config.connections.max !== undefined) {
    const { max, reserve } = config.connections;
    checkBudget(draft, demands(input), max - reserve, `connections.max ${max} − reserve ${reserve}`);
  }
  return draft.done();
}

/** Logins that are not cotenant's and that the manifest names all the same. */
function compilePeople(draft: Draft): void {
  const { operators, known } = draft.input;
  for (const { name, may, path } of operators) {
    draft.add('operator', name, null, { may, accounts: {} }, path);
    draft.relax(null, `operator ${name}`, `${name} may ${may.join(', ')} on the whole server`, path);
  }
  for (const { user, why, path } of known) draft.relax(null, `known ${user}`, `${user} keeps its access: ${why}`, path);
}

function compileApp(draft: Draft, { app, placement, path }: PlacementInput<Placement>): void {
  const names = namesOf(app, placement);
  if (!draft.claim('database', names.database, app, path)) return;
  const { adopt, charset = adopt ? '' : CHARSET, collation = '' } = placement;
  draft.add('database', names.database, app, { charset, collation, outsiders: {}, kept: {}, noted: true, adopt }, path);
  for (const login of loginsOf(app, placement)) {
    addLogins(draft, {
      app,
      logins: login.slots,
      hosts: login.hosts ?? draft.input.config.hosts,
      own: { database: names.database, as: login.as, events: login.as === 'owner' && placement.relax.events === true },
      grants: sharedTo(draft, app),
      connections: login.connections,
      maxStatementTime: secondsOf(login.statementTimeout),
      adopt,
      usual: login.usual,
      path: login.name === 'app' || placement.logins === undefined ? path : [...path, 'logins', login.name],
    });
  }
  if (placement.relax.events) {
    draft.relax(app, 'relax.events', 'events run while no session of the app is open, and session limits do not apply to them', path);
  }
}

interface LoginPlan {
  readonly app: string;
  readonly logins: readonly [string, string];
  readonly hosts: readonly string[];
  readonly own: AccountSpec['own'];
  readonly grants: Grants;
  readonly connections: number;
  readonly maxStatementTime: number;
  readonly adopt: boolean;
  readonly usual?: readonly Limit[];
  readonly path: Path;
}

/** Both login slots, each with an account for every host pattern: the first is live, the second is locked and waits. */
function addLogins(draft: Draft, plan: LoginPlan): void {
  const { app, path } = plan;
  plan.logins.forEach((user, slot) => {
    if (!draft.claim('account', user, app, path)) return;
    const live = slot === 0;
    for (const host of new Set(plan.hosts)) {
      draft.add('account', accountKey({ user, host }), app, accountSpec(draft.input, plan, { user, host, live }), path);
    }
  });
}

function accountSpec(
  input: Input,
  plan: LoginPlan,
  { user, host, live }: { readonly user: string; readonly host: string; readonly live: boolean },
): AccountSpec {
  return {
    user,
    host,
    locked: !live,
    password: live ? 'verified' : 'impossible',
    plugin: '',
    secret: live ? secretName(input.name, user) : null,
    maxUserConnections: plan.connections,
    maxConnectionsPerHour: 0,
    maxQueriesPerHour: 0,
    maxUpdatesPerHour: 0,
    maxStatementTime: plan.maxStatementTime,
    ssl: input.config.requireSsl ? 'ANY' : '',
    expired: false,
    secondWay: false,
    own: plan.own,
    grants: plan.grants,
    roles: [],
    proxies: [],
    members: [],
    noted: true,
    adopt: plan.adopt,
    ...(live && plan.adopt && plan.usual ? { usual: plan.usual } : {}),
  };
}

export function secretName(instance: string, login: string): string {
  return `${instance}/${login}`;
}

/** Read-only logins over the databases of the apps that they read. */
function compileReaders(draft: Draft): void {
  const { placements, readers, config } = draft.input;
  for (const reader of readers) {
    const read = reader.reads.flatMap((app) => placements.find((one) => one.app === app) ?? []);
    const databases = read.map(({ app, placement }) => namesOf(app, placement).database);
    addLogins(draft, {
      app: reader.name,
      logins: namesOf(baseName(reader.name)).logins,
      hosts: config.hosts,
      own: null,
      grants: Object.fromEntries(databases.map((database) => [keyOf(['database', database]), textOf(READING)])),
      connections: reader.connections ?? READER_CONNECTIONS,
      maxStatementTime: 0,
      adopt: false,
      path: reader.path,
    });
  }
}

/** What others let this app read: tables, or columns of them. */
function sharedTo(draft: Draft, app: string): Grants {
  return Object.fromEntries(pairsOf(draft.input).flatMap((pair) => (pair.to === app ? Object.entries(grantsOf(pair)) : [])));
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, min: 60, h: 3600 };

function secondsOf(duration: string | undefined): number {
  const [, count = '0', unit = 's'] = /^(\d+)([a-z]+)$/.exec(duration ?? '0s') ?? [];
  return Number(count) * (lookUp(UNITS, unit) ?? 1);
}
