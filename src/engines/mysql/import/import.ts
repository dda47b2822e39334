import { FreshNames, givenInClear, importAccess, type Imported, plainText, type SessionContext, tlsFields } from '../../../engine/index.ts';
import { urlForm } from '../connect/url-form.ts';
import type { Diagnostic } from '../../../model/index.ts';
import { putIn } from '../../../util/record.ts';
import { accountKey, type Catalog, type CatalogAccount } from '../observe/catalog.ts';
import { Connection } from '../connect/connection.ts';
import { listOf, shown, targetOf } from '../grants.ts';
import { type Candidate, findApps } from './apps.ts';
import { ownElsewhere, peopleOf } from './people.ts';
import { namesOf } from '../names.ts';
import { rolesOfAll } from '../observe/roles.ts';
import { Moment, readSessions } from '../observe/census.ts';
import { readCatalog } from '../observe/read-catalog.ts';
import { targetAt } from '../connect/target.ts';

/** Variables that are looked into for the password, where none is given; the manifest points at one of them. */
const VARIABLES = ['MYSQL_ROOT_PASSWORD', 'MARIADB_ROOT_PASSWORD', 'MYSQL_PWD'] as const;
const RESERVE = 10;
const USUAL_CONNECTIONS = 20;
const MARGIN = 5;

/** Reads a server that was set up by hand. Changes nothing on it. */
export async function readImport(url: string, password: string | null, context: SessionContext): Promise<Imported> {
  const access = await importAccess(url, password, VARIABLES, context, urlForm);
  const target = await targetAt(access, context);
  await using connection = await Connection.open(target, 'cotenant import', context);
  const catalog = await readCatalog(connection);
  const events = new Set(
    (await connection.rows('SELECT DISTINCT EVENT_SCHEMA AS d FROM information_schema.EVENTS')).map((row) => String(row['d'])),
  );
  const found = findApps(catalog, context.project);
  const names = new FreshNames();
  const share = fairShare(catalog, found.apps);
  const { sessions } = new Moment(await readSessions(connection));
  const apps: Record<string, Readonly<Record<string, unknown>>> = {};
  const comments: Record<string, readonly string[]> = {};
  const diagnostics: Diagnostic[] = [...givenInClear(url, context.instance, urlForm)];
  for (const one of found.apps) {
    const app = names.app(one.database.name);
    putIn(apps, app, placementOf(app, one, { share, events, catalog, sessions }));
    const notes = notesOf(one, events);
    putIn(comments, app, notes);
    for (const message of notes) diagnostics.push(warning('CT2024', `app "${app}": ${message}`, context));
  }
  for (const { what, why } of found.left) diagnostics.push(warning('CT2023', `${what} is left out: ${why}`, context));
  const people = peopleOf(catalog, new Set(found.apps.flatMap((one) => one.accounts.map(accountKey))));
  return {
    instance: {
      url: plainText(
        `mysql://${encodeURIComponent(target.user)}@${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`,
      ),
      password: { env: access.variable },
      ...tlsFields(access.tls),
    },
    apps,
    comments,
    operators: Object.fromEntries(Object.entries(people.operators).map(([name, words]) => [plainText(name), words])),
    known: people.known.map(({ user, why }) => ({ user: plainText(user), why: plainText(why) })),
    left: [...found.left.map(({ what, why }) => `${what}: ${why}`), ...ownElsewhere(catalog), ...doorsOf(catalog)],
    diagnostics,
  };
}

interface Around {
  readonly share: number;
  readonly events: ReadonlySet<string>;
  readonly catalog: Catalog;
  /** Open now, by user. */
  readonly sessions: ReadonlyMap<string, number>;
}

function placementOf(app: string, one: Candidate, { share, events, catalog, sessions }: Around): Readonly<Record<string, unknown>> {
  const usual = namesOf(app);
  const { name, charset } = one.database;
  const live = one.accounts[0];
  const limits = one.accounts.map((account) => account.maxUserConnections);
  const needed = Math.max(0, ...one.accounts.map(({ user }) => withMargin(sessions.get(user) ?? 0)));
  const connections = limits.length > 0 && limits.every((limit) => limit > 0) ? Math.max(...limits) : Math.max(share, needed);
  const seconds = Math.max(0, ...one.accounts.map((account) => account.maxStatementTime));
  const hosts = [...new Set(one.accounts.map((account) => account.host))].sort();
  const level = levelOf(one);
  return {
    ...(name === usual.database ? {} : { database: plainText(name) }),
    ...namesWanted(live?.user ?? null, usual.logins[0], catalog),
    ...(level === 'owner' ? {} : { logins: { app: level } }),
    ...(hosts.length === 0 || (hosts.length === 1 && hosts[0] === '%') ? {} : { hosts: hosts.map(plainText) }),
    connections,
    ...(seconds > 0 ? { statementTimeout: Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms` } : {}),
    ...(charset === 'utf8mb4' ? {} : { charset }),
    ...(level === 'owner' && (events.has(name) || one.accounts.some((account) => mayIn(account, name).includes('EVENT')))
      ? { relax: { events: true } }
      : {}),
    adopt: true,
  };
}

/** A login that makes no tables stays at what it may do. */
function levelOf({ database, accounts }: Candidate): 'owner' | 'rw' {
  const may = accounts.flatMap((account) => mayIn(account, database.name));
  return accounts.length > 0 && !may.some((one) => DDL.includes(one)) ? 'rw' : 'owner';
}

const DDL = ['ALTER', 'ALTER ROUTINE', 'CREATE', 'CREATE ROUTINE', 'CREATE VIEW', 'DROP', 'EVENT', 'INDEX', 'REFERENCES', 'TRIGGER'];

function mayIn({ grants }: CatalogAccount, database: string): readonly string[] {
  return Object.entries(grants).flatMap(([key, list]) => {
    const target = targetOf(key);
    return (target[0] === 'database' || target[0] === 'pattern') && target[1] === database ? listOf(list) : [];
  });
}

/** The login as it is called, and beside it a name for the one that waits which nobody has. */
function namesWanted(user: string | null, usual: string, { accounts }: Catalog): Readonly<Record<string, unknown>> {
  const login = user ?? usual;
  const taken = new Set(accounts.map((one) => one.user));
  const standby = taken.has(`${login}_2`) ? [3, 4, 5, 6, 7, 8, 9].map((n) => `${login}_${n}`).find((name) => !taken.has(name)) : undefined;
  const names = {
    ...(login === usual ? {} : { login: plainText(login) }),
    ...(standby === undefined ? {} : { standbyLogin: plainText(standby) }),
  };
  return Object.keys(names).length > 0 ? { names } : {};
}

/** What is open to everybody, and what the first apply does about it. */
function doorsOf(catalog: Catalog): readonly string[] {
  const { accounts, everybody } = catalog;
  const open = [
    { by: '', grants: everybody },
    ...rolesOfAll(catalog).map(({ account, called }) => ({ by: ` by ${called}`, grants: account.grants })),
  ];
  return [
    ...accounts
      .filter((one) => one.user === '' && !one.isRole)
      .map(({ host }) => `an anonymous account from ${host}: the first apply drops it`),
    ...open.flatMap(({ by, grants }) =>
      Object.entries(grants).map(([key, list]) => `everybody has ${list} on ${shown(key)}${by}: known logins keep it, the others do not`),
    ),
  ];
}

/** What a login gets that has this many sessions open now: a fifth more, and at least this many. */
function withMargin(now: number): number {
  return now === 0 ? 0 : now + Math.max(MARGIN, Math.ceil(now / 5));
}

/** What all of them can have together, in equal parts, where nobody set limits. */
function fairShare(catalog: Catalog, apps: readonly Candidate[]): number {
  const max = Number(catalog.server.variables.get('max_connections') ?? 0);
  const accounts = apps.reduce((sum, one) => sum + Math.max(1, one.accounts.length), 0);
  return Math.max(1, Math.min(USUAL_CONNECTIONS, Math.floor((max - RESERVE) / Math.max(1, accounts))));
}

function notesOf(one: Candidate, events: ReadonlySet<string>): readonly string[] {
  const notes = one.others.map((who) => `${who} has rights on it as well, and keeps them: it is listed under known or operators`);
  if (one.accounts.length === 0) notes.push('no account of its own was found: it gets a new one');
  const grants = one.accounts.some((account) => mayIn(account, one.database.name).includes('GRANT OPTION'));
  if (grants) notes.push('its login may grant its rights to others (GRANT OPTION); the first apply revokes that');
  if (events.has(one.database.name)) notes.push('it has events, which run while no session of the app is open');
  const seconds = one.accounts.some((account) => account.maxStatementTime > 0);
  if (seconds) notes.push('the time-out of statements is the one that its account has now');
  return notes;
}

function warning(code: string, message: string, context: SessionContext): Diagnostic {
  return { code, severity: 'warning', message, instance: context.instance };
}
