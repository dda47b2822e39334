import {
  type EnvContext,
  type EnvName,
  type EnvVar,
  noCredentials,
  placementOf,
  tlsForApps,
  unreadFile,
  urlOf,
  type UrlRole,
} from '../../../engine/index.ts';
import { oncePer } from '../../../util/once.ts';
import { secretName } from '../compile/roles.ts';
import type { Input } from '../compile/draft.ts';
import { loginsOf } from '../compile/logins.ts';
import { baseName, roleNames } from '../names.ts';
import { namesOf } from '../shares/shares.ts';
import { rowSpaceNames, spaceOf } from '../compile/spaces.ts';
import { urlForm } from '../connect/url-form.ts';
import { directVariable, directVariableName, type UrlInput, urlVariable, urlVariableName, urlVariableNames, urlVariables } from './urls.ts';

interface Found {
  readonly url: Omit<UrlInput, 'password'>;
  readonly login: string;
}

type Base = Pick<UrlInput, 'app' | 'prefix'> & Way;
type Way = Pick<UrlInput, 'host' | 'port' | 'sslmode' | 'sslrootcert' | 'pooled'>;

/** Whose environment it is, and how: the parts of `EnvContext` that lead to an address. */
interface For {
  readonly app: string;
  readonly prefix: string | null;
  readonly file?: EnvContext['file'] | undefined;
}

/** What stands in every URL of an app: the way to the instance's pooler, where it has one. */
function baseOf(input: Input, whose: For): Base {
  const way = whose.file === unreadFile ? namedWay(input) : wayOf(input, whose.file);
  return { ...way, ...ownOf(whose) };
}

function ownOf({ app, prefix }: For): Pick<Base, 'app' | 'prefix'> {
  return { app, ...(prefix === null ? {} : { prefix }) };
}

/** Without what only files tell it is the same for all apps. */
const namedWay = oncePer((input: Input): Way => wayOf(input, unreadFile));

function wayOf(input: Input, file: EnvContext['file']): Way {
  const { pooler } = input.config;
  if (!pooler) return directWay(input, file);
  const said = urlOf(pooler.url, urlForm, 'apps')?.said.mode ?? pooler.sslmode;
  const tls =
    said === 'disable' ? { sslmode: said } : { ...tlsOf(input, pooler.url, file), ...(said === undefined ? {} : { sslmode: said }) };
  return { ...addressOf(pooler.url, 'apps'), pooled: true, ...tls };
}

/** The way to the server itself. */
function directWay(input: Input, file: EnvContext['file']): Way {
  const { publicUrl, url } = input.config;
  const address = publicUrl === undefined ? addressOf(url, 'server') : addressOf(publicUrl, 'apps');
  return { ...address, pooled: false, ...tlsOf(input, publicUrl, file) };
}

function tlsOf(input: Input, own: string | undefined, file: EnvContext['file']): Pick<Way, 'sslmode' | 'sslrootcert'> {
  const { ca: _, ...tls } = tlsForApps(input.config, urlForm, own, file);
  return tls;
}

function addressOf(text: string | undefined, role: UrlRole): Pick<Way, 'host' | 'port'> {
  const { host, port } = urlOf(text, urlForm, role) ?? { host: '127.0.0.1', port: urlForm.port };
  return { host, port };
}

/** Where each login of an app finds its data, without the password. The first is the usual one. */
function targets(input: Input, whose: For): readonly (Found & { readonly name: string })[] {
  const { app } = whose;
  const placed = placementOf(input, app);
  if (!placed) return [];
  const base = baseOf(input, whose);
  const { isolation } = placed.placement;
  const names = namesOf(app, placed.placement);
  const found = loginsOf(app, placed.placement).map(({ name, slots: [login], placement }) => {
    const { searchPath } = placement;
    const path = searchPath ? { searchPath } : {};
    const plain = isolation === 'database' && names.schema === 'public' && !searchPath;
    const more = isolation === 'rows' ? { workspace: placement.workspace ?? app } : plain ? {} : { schema: names.schema, ...path };
    return { name, login, url: { ...base, database: names.database, user: login, ...more } };
  });
  return [...found, ...migratorOf(input, app, base)];
}

/** Level rows: the login that changes the tables is nobody's app. It is shown where it is asked for by name. */
function migratorOf(input: Input, app: string, base: Base): readonly (Found & { readonly name: string })[] {
  const space = spaceOf(input, app);
  if (!space || placementOf(input, app)?.placement.isolation !== 'rows') return [];
  const [login] = rowSpaceNames(space).migrators;
  return [{ name: MIGRATOR, login, url: { ...base, database: space.database, user: login } }];
}

const MIGRATOR = 'migrator';

/** The logins of an app as `env --as` calls them. */
export function logins(input: Input, app: string): readonly string[] {
  return [...new Set(targets(input, { app, prefix: null }).map(({ name }) => name))];
}

/** A reader connects to the database of the first app that it reads. */
function readerTarget(input: Input, whose: For): Found | null {
  const { app: name } = whose;
  const [first] = readsOf(input, name);
  if (!first) return null;
  const [login] = roleNames(baseName(name)).logins;
  return { url: { ...baseOf(input, whose), database: namesOf(first.app, first.placement).database, user: login }, login };
}

function readsOf(input: Input, name: string): Input['placements'] {
  const reader = input.readers.find((one) => one.name === name);
  return (reader?.reads ?? []).flatMap((app) => placementOf(input, app) ?? []);
}

/** The one whose environment is asked for, and beside it, each with a variable of its own: the other logins of the app, the other databases of a reader. */
interface Environment {
  readonly main: Found;
  readonly beside: readonly (Found & { readonly name: string })[];
}

function environmentOf(input: Input, whose: For, login?: string): Environment | null {
  const { app } = whose;
  const all = targets(input, whose);
  if (login !== undefined) {
    const one = all.find(({ name }) => name === login);
    return one ? { main: one, beside: [] } : null;
  }
  const rows = placementOf(input, app)?.placement.isolation === 'rows';
  const [main, ...others] = rows ? all.slice(0, -1) : all;
  if (main) return { main, beside: others };
  const reader = readerTarget(input, whose);
  if (!reader) return null;
  const reads = readsOf(input, app).map((one) => ({ app: one.app, ...namesOf(one.app, one.placement) }));
  const several = new Set(reads.map(({ database }) => database)).size > 1;
  const beside = several ? reads.map(({ app: name, database }) => ({ ...reader, name, url: { ...reader.url, database } })) : [];
  return { main: reader, beside };
}

export function env(input: Input, app: string, context: EnvContext): readonly EnvVar[] | null {
  const whose: For = { app, ...context };
  const found = environmentOf(input, whose, context.login);
  if (!found) return null;
  const passwordOf = (login: string): string | null => context.secret({ secret: secretName(input.name, login) });
  const password = passwordOf(found.main.login);
  if (password === null) {
    const placed = placementOf(input, app);
    throw noCredentials(app, input.name, placed ? { path: placed.path, adopted: placed.placement.adopt } : null);
  }
  // What is not known of another login is missed only where it is asked for by its name.
  const beside = found.beside.flatMap(({ name, url, login }): EnvVar[] => {
    const other = passwordOf(login);
    return other === null ? [] : [urlVariable(name, { ...url, password: other })];
  });
  const direct = input.config.pooler ? [directVariable({ ...found.main.url, ...directWay(input, whose.file), password })] : [];
  return [...urlVariables({ ...found.main.url, password }), ...direct, ...beside];
}

export function envNames(input: Input, app: string, prefix: string | null): readonly EnvName[] {
  const found = environmentOf(input, { app, prefix, file: unreadFile });
  if (!found) return [];
  const path = placementOf(input, app)?.path ?? input.path;
  const direct = input.config.pooler ? [directVariableName(found.main.url)] : [];
  const more = [...direct, ...found.beside.map(({ name, url }) => urlVariableName(name, url))].map((name) => ({ name }));
  return [...urlVariableNames(found.main.url), ...more].map((one) => ({ ...one, path }));
}
