import type { Connection } from 'mysql2/promise';
import { appsOf } from '../edit.ts';
import type { Context, Json, Sight } from '../frame.ts';
import { databaseOf, isAsked, isKnown, ofAccount, residentOf, tenantOf } from './owners.ts';
import { byOtherHosts } from './hosts.ts';
import { covers, databaseIn, type Holder, holderOf, type Right, rightName } from './rights.ts';
import type { MysqlScene } from './scene.ts';
import { rows, type Rows, settings } from './session.ts';
import { ident, text } from './world.ts';

type Named = readonly [name: string, sight: Sight];

const SYSTEM = /^(?:mysql|mariadb)\.|^root$|^PUBLIC$/;
const SERVER = ['mysql', 'sys', 'information_schema', 'performance_schema', 'cotenant'];
const OTHERS = SERVER.map(text).join(', ');

/** What the operator sees of bystanders: accounts, what each may do, databases, objects with their definers, rows, settings. */
export async function factsOf(scene: MysqlScene, context: Context): Promise<readonly Named[]> {
  const { root } = scene;
  const accounts = await accountsOf(scene);
  return [
    ...accountFacts(accounts, context),
    ...rightFacts(scene, accounts, context),
    ...(await objectFacts(root, accounts, context)),
    ...(await tableFacts(root, context)),
    ...(await serverFacts(root, scene, context)),
  ];
}

interface Account {
  readonly key: string;
  readonly user: string;
  readonly host: string;
  /** How it proves itself, limits, locks. */
  readonly door: string;
  readonly holder: Holder;
}

async function accountsOf({ root, flavor }: MysqlScene): Promise<readonly Account[]> {
  const fields =
    'User AS user_, Host AS host_, plugin AS p, authentication_string AS a, max_user_connections AS c, max_questions AS q, ssl_type AS s, password_expired AS e';
  const found =
    flavor === 'mariadb'
      ? await rows(
          root,
          `SELECT u.${fields.replaceAll(', ', ', u.')}, u.is_role AS role_, u.max_statement_time AS t, JSON_VALUE(g.Priv, '$.account_locked') AS l FROM mysql.user u JOIN mysql.global_priv g ON g.User = u.User AND g.Host = u.Host`,
        )
      : await rows(root, `SELECT ${fields}, account_locked AS l FROM mysql.user`);
  const out: Account[] = [];
  for (const { user_, host_, ...door } of found) {
    const [user, host] = [String(user_), String(host_)];
    if (SYSTEM.test(user) && !(user === 'PUBLIC')) continue;
    const name = flavor === 'mariadb' && host === '' ? (user === 'PUBLIC' ? 'PUBLIC' : text(user)) : `${text(user)}@${text(host)}`;
    const grants = await rows(root, `SHOW GRANTS FOR ${name}`).catch((): Rows => []);
    out.push({ key: `${user}@${host}`, user, host, door: JSON.stringify(door, hex), holder: holderOf(grants, flavor) });
  }
  return out;
}

const hex = (_key: string, value: unknown): unknown => (Buffer.isBuffer(value) ? value.toString('hex') : value);

function accountFacts(accounts: readonly Account[], context: Context): readonly Named[] {
  return accounts.flatMap(({ key, user, host, door, holder }): readonly Named[] => {
    if (user === 'PUBLIC') return [];
    const of = ofAccount(context, { user, host });
    // From now on the manifest decides.
    if (tenantOf(context, user) !== null) return [[`whose ${key} is`, { who: key, of, said: [], works: false, answer: 'a tenant' }]];
    const base = { who: key, of: null, works: true, stranger: true };
    const roles = holder.lines.filter((line) => !line.includes(' ON '));
    const own: readonly Named[] = of === null ? [[`roles of ${key}`, { ...base, said: [['']], answer: roles.join('\n') }]] : [];
    return [[`how ${key} gets in`, { ...base, said: [['log in']], answer: door }], ...own];
  });
}

/** Everything that each account that is nobody's of the manifest may do, however it comes by it. */
function rightFacts(scene: MysqlScene, accounts: readonly Account[], context: Context): readonly Named[] {
  const byKey = new Map(accounts.map((one) => [one.key, one]));
  const { everybody, mandatory } = scene;
  const all = new Map(accounts.map(({ key }) => [key, effective(key, byKey, { everybody, mandatory })]));
  // What everybody has, no plan gives.
  const given = new Map(accounts.map(({ key }) => [key, effective(key, byKey, { everybody: null, mandatory })]));
  const more: string[] = [];
  for (const [key, rights] of all) {
    const had = [...scene.rights.values()].filter((one) => one.key === key).map((one) => one.right);
    for (const right of rights) {
      const name = `${key} may ${rightName(right)}`;
      // A name in the place of a pattern is nothing more.
      if (!covers(had, right) && isUnnamed(key, context)) more.push(name);
      scene.rights.set(name, { key, right });
    }
  }
  const used = new Set(accounts.flatMap(({ holder }) => holder.roles));
  const out = [...scene.rights].flatMap(([name, { key, right }]): readonly Named[] => {
    const user = key.slice(0, key.lastIndexOf('@'));
    // What a role has, those have that have it.
    if (tenantOf(context, user) !== null || user === 'PUBLIC' || used.has(key)) return [];
    const works = covers(all.get(key) ?? [], right);
    return [[name, { who: key, of: null, said: saidOf(right), works, answer: works ? 'yes' : 'no', stranger: true }]];
  });
  const gained = { who: '', of: null, said: [], works: more.length > 0, answer: more.join(', '), forbidden: true } as const;
  return [...out, ['somebody whom the manifest does not name may more than before', gained], beyond(scene, given, context)];
}

function isUnnamed(key: string, context: Context): boolean {
  const account = { user: key.slice(0, key.lastIndexOf('@')), host: key.slice(key.lastIndexOf('@') + 1) };
  const isBeside = tenantOf(context, account.user) !== null && !isAsked(context, account);
  return (isBeside || ofAccount(context, account) === null) && !isKnown(context, account);
}

function saidOf({ privilege, on }: Right): Sight['said'] {
  const database = databaseIn(on) ?? /`(.+?)`/.exec(on)?.[1] ?? '*.*';
  const word = privilege === 'ALL PRIVILEGES' ? '' : privilege;
  return [[word, database], ['log in'], [`database "${database}"`]];
}

interface OfAll {
  /** null: what everybody has is left out. */
  readonly everybody: readonly Right[] | null;
  readonly mandatory: readonly string[];
}

function effective(key: string, accounts: ReadonlyMap<string, Account>, { everybody, mandatory }: OfAll): readonly Right[] {
  const seen = new Set(everybody === null ? mandatory : []);
  const waiting = everybody === null ? [key] : [key, 'PUBLIC@', ...mandatory];
  const out: Right[] = [...(everybody ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const found = accounts.get(next);
    if (!found || seen.has(next)) continue;
    seen.add(next);
    out.push(...found.holder.rights, ...byOtherHosts(found, [...accounts.values()]));
    waiting.push(...found.holder.roles);
  }
  return out;
}

/** Rights of apps and readers that neither their own database, a share nor what they read explains, those left out that were there at first. */
function beyond(scene: MysqlScene, all: ReadonlyMap<string, readonly Right[]>, context: Context): Named {
  const found = [...all].flatMap(([key, rights]) => {
    const [user, host] = [key.slice(0, key.lastIndexOf('@')), key.slice(key.lastIndexOf('@') + 1)];
    const tenant = tenantOf(context, user);
    // An account that is left out by its name and host keeps what everybody had.
    if (tenant === null || isKnown(context, { user, host })) return [];
    return rights.filter((right) => !isMeant(tenant, right, context)).map((right) => `${key} may ${rightName(right)}`);
  });
  const fresh = scene.looked ? found.filter((name) => !scene.beyond.has(name)) : [];
  for (const name of found) scene.beyond.add(name);
  scene.looked = true;
  const sight = { who: '', of: null, said: [], works: fresh.length > 0, answer: fresh.join(', '), forbidden: true } as const;
  return ['a tenant may more than the manifest says', sight];
}

function isMeant(tenant: string, { on, privilege }: Right, context: Context): boolean {
  const database = databaseIn(on);
  if (database === null) return privilege === 'USAGE';
  if (residentOf(context, database) === tenant) return true;
  return [context.document, ...context.former].some((document) => {
    const entries = (document['shares'] ?? []) as readonly { readonly from: string; readonly to: string }[];
    const reads = (document['readers'] as { readonly [name: string]: Json } | undefined)?.[tenant] as
      | { readonly reads: readonly string[] }
      | undefined;
    const from = [...entries.filter(({ to }) => to === tenant).map((share) => share.from), ...(reads?.reads ?? [])];
    return from.filter((app) => appsOf(document).includes(app)).some((app) => databaseOf(document, app) === database);
  });
}

/** Goes only when the app that lives there is deleted by name. */
const livingIn = (context: Context, database: string): Pick<Sight, 'ends'> => {
  const app = residentOf(context, database);
  return app === null ? {} : { ends: app };
};

async function objectFacts(root: Connection, accounts: readonly Account[], context: Context): Promise<readonly Named[]> {
  const questions: readonly (readonly [string, string])[] = [
    [
      'view',
      `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS n, DEFINER AS definer, SECURITY_TYPE AS s, VIEW_DEFINITION AS body FROM information_schema.VIEWS WHERE TABLE_SCHEMA NOT IN (${OTHERS})`,
    ],
    [
      'routine',
      `SELECT ROUTINE_SCHEMA AS db, ROUTINE_NAME AS n, DEFINER AS definer, SECURITY_TYPE AS s, ROUTINE_TYPE AS t, ROUTINE_DEFINITION AS body FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN (${OTHERS})`,
    ],
    [
      'trigger',
      `SELECT TRIGGER_SCHEMA AS db, TRIGGER_NAME AS n, DEFINER AS definer, EVENT_OBJECT_TABLE AS t, ACTION_STATEMENT AS body FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA NOT IN (${OTHERS})`,
    ],
    [
      'event',
      `SELECT EVENT_SCHEMA AS db, EVENT_NAME AS n, DEFINER AS definer, STATUS AS s, EVENT_DEFINITION AS body FROM information_schema.EVENTS WHERE EVENT_SCHEMA NOT IN (${OTHERS})`,
    ],
    ['database', `SELECT SCHEMA_NAME AS db, '' AS n FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN (${OTHERS})`],
  ];
  const out: Named[] = [];
  for (const [kind, sql] of questions) {
    for (const row of await rows(root, sql)) {
      const database = String(row['db']);
      const name = `${kind} ${database}.${String(row['n'])}`;
      const who = typeof row['definer'] === 'string' ? row['definer'] : '';
      // What somebody else has put into an app's database is theirs, whatever becomes of the app.
      const isTheirs = accounts.some(({ key, user }) => key === who && tenantOf(context, user) !== residentOf(context, database));
      const ends = isTheirs ? {} : livingIn(context, database);
      out.push([
        name,
        {
          who,
          of: null,
          said: [[`${database}.${String(row['n'])}`], [`database "${database}"`]],
          works: true,
          answer: JSON.stringify(row),
          ...ends,
        },
      ]);
    }
  }
  const collations = await rows(
    root,
    `SELECT SCHEMA_NAME AS db, DEFAULT_COLLATION_NAME AS c FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN (${OTHERS})`,
  );
  for (const row of collations) {
    const database = String(row['db']);
    const app = residentOf(context, database);
    // An app's entry says what its own is; that the database is there at all, a sight of its own tells.
    const more = app === null ? {} : { on: app, ends: app };
    out.push([
      `collation of ${database}`,
      { who: '', of: null, said: [[`database "${database}"`]], works: true, answer: String(row['c']), ...more },
    ]);
  }
  return out;
}

async function tableFacts(root: Connection, context: Context): Promise<readonly Named[]> {
  const found = await rows(
    root,
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS n FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN (${OTHERS})`,
  );
  if (found.length === 0) return [];
  const names = found.map((row) => `${ident(String(row['db']))}.${ident(String(row['n']))}`);
  const sums = await rows(root, `CHECKSUM TABLE ${names.join(', ')}`);
  const out: Named[] = [];
  for (const [index, row] of found.entries()) {
    const [made] = await rows(root, `SHOW CREATE TABLE ${names[index] ?? ''}`);
    const text_ = String(made?.['Create Table']).replace(/ AUTO_INCREMENT=\d+/, '');
    const database = String(row['db']);
    const answer = `${text_}\n${String(sums[index]?.['Checksum'])}`;
    out.push([
      `table ${database}.${String(row['n'])}`,
      { who: '', of: null, said: [], works: true, answer, ...livingIn(context, database) },
    ]);
  }
  return out;
}

/** Of the whole server: settings, servers, functions, what other projects have noted, rows without an account. */
async function serverFacts(root: Connection, scene: MysqlScene, context: Context): Promise<readonly Named[]> {
  const out: Named[] = [];
  const put = (name: string, answer: unknown, more: Partial<Sight> = {}): void =>
    void out.push([name, { who: 'root', of: null, said: [], works: true, answer: JSON.stringify(answer), ...more }]);
  put('settings', await settings(root));
  put('servers', await rows(root, 'SELECT * FROM mysql.servers ORDER BY 1'));
  put('functions', await rows(root, 'SELECT * FROM mysql.func ORDER BY 1'));
  const strays = await rows(
    root,
    "SELECT d.Host, d.Db, d.User FROM mysql.db d LEFT JOIN mysql.user u ON u.User = d.User AND u.Host = d.Host WHERE u.User IS NULL AND d.User NOT IN ('', 'PUBLIC') ORDER BY 1, 2, 3",
  );
  put(
    'rows without an account',
    strays.filter((row) => tenantOf(context, String(row['User'])) === null),
  );
  const [book] = await rows(root, "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'cotenant' AND TABLE_NAME = 'ledger'");
  if (book && scene.projects.size > 0)
    put(
      'what other projects have noted',
      await rows(root, "SELECT * FROM cotenant.ledger WHERE project NOT IN ('oracle', '') ORDER BY kind, name"),
    );
  for (const [name, project] of scene.projects) {
    const { plan } = await project.plan();
    const silent = plan.steps.length === 0;
    put(`the project ${name} has nothing to do`, silent ? 'nothing' : plan.steps.map(({ id }) => id), { works: silent });
  }
  return out;
}
