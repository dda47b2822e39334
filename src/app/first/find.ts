import type { Containers, Engine, Initial, SecretInput } from '../../engine/index.ts';
import { loadEngines } from '../../engines/index.ts';
import { lookUp } from '../../util/record.ts';
import { composeServices, type Origin, originOf, type Service } from './compose.ts';
import { DOTENV, settled, type Surroundings, surroundings, type Variables } from './places.ts';

/** A server that a first manifest can begin with. */
export interface FoundServer {
  readonly engine: string;
  readonly title: string;
  /** What to call the instance. */
  readonly name: string;
  readonly instance: Readonly<Record<string, unknown>>;
  readonly apps: Initial['apps'];
  /** For people, as `.env`. */
  readonly from: string;
  /** Of a compose file: what it is called there. */
  readonly service?: string;
  /** A variable that has to be set first: its value stands in a place that the manifest cannot refer to. */
  readonly toSet: string | null;
}

export interface Findings {
  readonly servers: readonly FoundServer[];
  /** For people: what was there and could not be used. */
  readonly notes: readonly string[];
}

/** Servers that the environment, a dotenv file and a compose file beside the manifest speak of. Asks no server. */
export async function findServers(folder: string, env: Variables): Promise<Findings> {
  const around = await surroundings(folder, env);
  const { services, unread } = await composeServices(folder, around);
  const servers: FoundServer[] = [];
  const notes = unread === null ? [] : [`${unread} could not be read as a compose file.`];
  for (const engine of await loadEngines()) {
    if (engine.initial === undefined) continue;
    const given = fromVariables(engine, around);
    const own = engine.containers === undefined ? [] : services.filter(({ image }) => engine.containers?.images.test(image) === true);
    // What the environment says is meant for now; a dotenv file beside a compose file is about its services.
    if (given !== null && (given.from !== DOTENV || own.length === 0)) servers.push(given);
    else {
      const made = named(own.flatMap((service) => fromService(engine, service, around) ?? []));
      if (given !== null && isElsewhere(given)) servers.push(given, ...made);
      else servers.push(...(made[0] && given ? [{ ...made[0], apps: { ...given.apps, ...made[0].apps } }, ...made.slice(1)] : made));
      notes.push(...own.flatMap((service) => unpublished(engine, service)));
    }
  }
  return { servers, notes };
}

/** True where an address leads to neither this machine nor to what only the network of a compose file knows by one word. */
function isElsewhere({ instance }: FoundServer): boolean {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^:/?[\]]*)/.exec(String(instance['url']))?.[1] ?? '';
  return host.includes('.') && host !== '127.0.0.1' && host !== 'host.docker.internal';
}

/** Of several servers whose passwords stand in the file, each has a variable of its own to be set. */
function named(servers: readonly FoundServer[]): readonly FoundServer[] {
  const often = servers.filter(({ toSet }, at) => toSet !== null && servers.some((one, other) => other !== at && one.toSet === toSet));
  return servers.map((server): FoundServer => {
    if (!often.includes(server) || server.toSet === null) return server;
    const variable = `${server.service ?? server.name}_${server.toSet}`.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_');
    return { ...server, instance: { ...server.instance, password: { env: variable } }, toSet: variable };
  });
}

type Starting = Pick<Engine, 'id' | 'title' | 'initial' | 'containers'>;

function fromVariables(engine: Starting, around: Surroundings): FoundServer | null {
  const all = { ...around.dotenv, ...Object.fromEntries(Object.entries(around.env).filter(([, value]) => value !== '')) };
  const found = engine.initial?.(all);
  if (found?.found !== true) return null;
  const inEnvironment = engine.initial?.(around.env).found === true;
  const password = referred(found.instance['password'], around);
  return {
    ...base(engine, found),
    instance: { ...settled(found.instance, around), ...(password === null ? {} : { password }) },
    from: inEnvironment ? 'the environment' : DOTENV,
    toSet: password !== null && 'env' in password && around.get(password.env) === undefined ? password.env : null,
  };
}

function base(engine: Starting, { name, apps }: Initial): Pick<FoundServer, 'engine' | 'title' | 'name' | 'apps'> {
  return { engine: engine.id, title: engine.title, name, apps };
}

/** The reference as `initial` gives it. */
function referenceOf(password: unknown): SecretInput | null {
  if (typeof password !== 'object' || password === null) return null;
  if ('file' in password && typeof password.file === 'string') return { file: password.file };
  if (!('env' in password) || typeof password.env !== 'string') return null;
  return { env: password.env, ...('part' in password ? { part: 'password' } : {}) };
}

function referred(password: unknown, { env, dotenv }: Surroundings): SecretInput | null {
  const reference = referenceOf(password);
  if (reference === null || !('env' in reference) || (lookUp(env, reference.env) ?? '') !== '') return reference;
  return (lookUp(dotenv, reference.env) ?? '') === '' ? reference : { ...reference, dotenv: DOTENV };
}

function fromService(engine: Starting, service: Service, around: Surroundings): FoundServer | null {
  const { containers } = engine;
  if (containers === undefined) return null;
  const { variables, origins } = variablesOf(containers, service, around);
  const found = engine.initial?.(variables);
  if (found?.found !== true) return null;
  const reference = referenceOf(found.instance['password']);
  const origin = reference !== null && 'env' in reference ? lookUp(origins, reference.env) : undefined;
  const password = origin === undefined || reference === null ? reference : referenceTo(origin, reference);
  const written = reference !== null && 'env' in reference && origin === undefined ? lookUp(variables, reference.env) : undefined;
  // Without a word of it in the file, the server has no password.
  const none = reference !== null && 'env' in reference && origin === undefined && (written ?? '') === '';
  const { password: _, ...rest } = settled(found.instance, { env: {}, dotenv: variables });
  return {
    ...base(engine, found),
    instance: { ...rest, ...(password === null || none ? {} : { password }) },
    from: `${service.file} (service ${service.name})`,
    service: service.name,
    toSet: origin === undefined ? (none || reference === null || !('env' in reference) ? null : reference.env) : unset(origin, around),
  };
}

function unset({ variable, dotenv }: Origin, around: Surroundings): string | null {
  return dotenv === undefined && around.get(variable) === undefined ? variable : null;
}

function referenceTo({ variable, dotenv }: Origin, reference: SecretInput): SecretInput {
  const part = 'part' in reference ? { part: 'password' as const } : {};
  return { env: variable, ...(dotenv === undefined ? {} : { dotenv }), ...part };
}

/** The service’s variables, with where this machine reaches it in place of what the container says of itself. */
function variablesOf(
  { address, port, passwordOption: asked }: Containers,
  service: Service,
  around: Surroundings,
): { readonly variables: Variables; readonly origins: Service['origins'] } {
  const published = service.ports.get(port);
  const at = { [address.host]: published?.host ?? service.name, [address.port]: String(published?.port ?? port) };
  const raw = asked === undefined ? undefined : optionOf(service.command, asked.option);
  if (asked === undefined || raw === undefined) return { variables: { ...service.env, ...at }, origins: service.origins };
  const origin = originOf(raw, around);
  return {
    variables: { ...service.env, ...at, [asked.variable]: raw },
    origins: { ...service.origins, ...(origin === null ? {} : { [asked.variable]: origin }) },
  };
}

function optionOf(command: readonly string[], option: string): string | undefined {
  const at = command.findIndex((word) => word === option || word.startsWith(`${option}=`));
  return at < 0 ? undefined : command[at] === option ? command[at + 1] : command[at]?.slice(option.length + 1);
}

function unpublished({ containers }: Starting, { name, file, ports }: Service): readonly string[] {
  if (containers === undefined || ports.has(containers.port)) return [];
  return [`${file}: service ${name} publishes no port, so cotenant reaches it as ${name}:${containers.port}, inside its network only.`];
}
