import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { lookUp } from '../../util/record.ts';
import { DOTENV, type Surroundings, textOf, type Variables } from './places.ts';

const FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'] as const;

/** A service as its compose file has it, with every variable filled in. */
export interface Service {
  /** The file, relative to the folder. */
  readonly file: string;
  readonly name: string;
  /** Without registry and tag. */
  readonly image: string;
  readonly env: Variables;
  /** Where a variable of `env` comes from; absent: its value stands in the file. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** As it is written. */
  readonly command: readonly string[];
  /** Ports of this machine, by those of the container. */
  readonly ports: ReadonlyMap<number, { readonly host: string; readonly port: number }>;
}

/** `dotenv`: the file with it, absent for the environment. */
export interface Origin {
  readonly variable: string;
  readonly dotenv?: string;
}

export interface Composed {
  readonly services: readonly Service[];
  /** A file that is there and cannot be read as one. */
  readonly unread: string | null;
}

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const pairs = z.union([z.array(text), z.record(z.string(), text.nullable())]).catch([]);
const port = z.union([text, z.looseObject({ target: text, published: text.optional(), host_ip: text.optional() })]);
const envFile = z.union([text.transform((one) => [one]), z.array(z.union([text, z.looseObject({ path: text })]))]).catch([]);
const service = z.looseObject({
  image: text.optional(),
  environment: pairs.optional(),
  env_file: envFile.optional(),
  command: z
    .union([z.string(), z.array(text)])
    .optional()
    .catch(undefined),
  ports: z.array(port).optional().catch(undefined),
});
const secret = z.looseObject({ file: text.optional() });
const compose = z.looseObject({
  services: z.record(z.string(), service.catch({})).optional(),
  secrets: z.record(z.string(), secret.catch({})).optional().catch(undefined),
});

type Written = z.infer<typeof service>;

/** The services of the first compose file in the folder that Compose itself would read. */
export async function composeServices(folder: string, around: Surroundings): Promise<Composed> {
  for (const file of FILES) {
    const source = await textOf(join(folder, file));
    if (source === null) continue;
    const read = parsed(source);
    if (read === null) return { services: [], unread: file };
    const services: Service[] = [];
    for (const [name, written] of Object.entries(read.services ?? {}))
      services.push(await serviceOf({ folder, file, name, secrets: read.secrets ?? {} }, written, around));
    return { services, unread: null };
  }
  return { services: [], unread: null };
}

function parsed(source: string): z.infer<typeof compose> | null {
  try {
    return compose.parse(parse(source, { merge: true, logLevel: 'error' }));
  } catch {
    return null;
  }
}

interface Place {
  readonly folder: string;
  readonly file: string;
  readonly name: string;
  readonly secrets: Readonly<Record<string, z.infer<typeof secret>>>;
}

async function serviceOf(place: Place, written: Written, around: Surroundings): Promise<Service> {
  const { file, name } = place;
  const fill = (one: string): string => filled(one, around);
  const env: [string, string][] = [];
  const origins: [string, Origin][] = [];
  for (const one of written.env_file ?? []) {
    const dotenv = fill(typeof one === 'string' ? one : one.path);
    for (const [key, value = ''] of Object.entries(parseEnv((await textOf(join(place.folder, dotenv))) ?? ''))) {
      env.push([key, value]);
      origins.push([key, { variable: key, dotenv }]);
    }
  }
  for (const [key, raw] of entriesOf(written.environment ?? [])) {
    env.push([key, mounted(fill(raw ?? `\${${key}}`), place)]);
    origins.push([key, originOf(raw ?? `\${${key}}`, around) ?? here]);
  }
  const words = typeof written.command === 'string' ? written.command.split(/\s+/) : (written.command ?? []);
  return {
    file,
    name,
    image: imageName(fill(written.image ?? '')),
    env: Object.fromEntries(env),
    origins: Object.fromEntries(origins.filter(([, origin]) => origin !== here)),
    command: words,
    ports: portsOf((written.ports ?? []).map((one) => portText(one, fill))),
  };
}

const here: Origin = { variable: '' };

/** The variable that a text is, where it is one that is set or has to be; null: it stands for itself. */
export function originOf(raw: string, around: Surroundings): Origin | null {
  const [, variable, usual] = /^\$\{?(\w+)(?::?([?-])[^}]*)?\}?$/.exec(raw) ?? [];
  if (variable === undefined) return null;
  if (around.get(variable) === undefined) return usual === '-' ? null : { variable };
  return { variable, ...((lookUp(around.env, variable) ?? '') === '' ? { dotenv: DOTENV } : {}) };
}

function* entriesOf(environment: z.infer<typeof pairs>): Generator<[string, string | null]> {
  if (!Array.isArray(environment)) {
    yield* Object.entries(environment);
    return;
  }
  for (const line of environment) {
    const at = line.indexOf('=');
    yield at < 0 ? [line, null] : [line.slice(0, at), line.slice(at + 1)];
  }
}

/** Compose’s own forms: `$NAME`, `${NAME}`, `${NAME:-usual}`, `${NAME-usual}`, `${NAME:?message}`, `$$`. */
function filled(value: string, around: Surroundings): string {
  return value.replaceAll(
    /\$\$|\$(\w+)|\$\{(\w+)(?:(:?[-?+])([^}]*))?\}/g,
    (all, bare: string | undefined, name: string | undefined, how: string | undefined, usual: string | undefined) => {
      if (all === '$$') return '$';
      const found = around.get(bare ?? name ?? '');
      if (how?.endsWith('+') === true) return found === undefined ? '' : (usual ?? '');
      return found ?? (how?.endsWith('-') === true ? (usual ?? '') : '');
    },
  );
}

/** A secret’s file as it lies on this machine. */
function mounted(value: string, { secrets }: Place): string {
  const name = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
  return (name === undefined ? undefined : lookUp(secrets, name)?.file) ?? value;
}

function imageName(image: string): string {
  const bare = image.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  const [first = '', ...rest] = bare.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? rest.join('/') : bare;
}

function portText(one: z.infer<typeof port>, fill: (text: string) => string): string {
  if (typeof one === 'string') return fill(one);
  const { target, published = '', host_ip: host = '' } = one;
  return [...(host === '' ? [] : [fill(host)]), fill(published), fill(target)].join(':');
}

/** `5432:5432`, `127.0.0.1:5433:5432`, with or without `/tcp`. A port that Compose chooses itself is not known. */
function portsOf(all: readonly string[]): Service['ports'] {
  const ports = new Map<number, { host: string; port: number }>();
  for (const one of all) {
    const match = /^(?:(\[[^\]]+\]|[^:]*):)?(\d+):(\d+)(?:\/tcp)?$/.exec(one);
    if (!match) continue;
    const [, host = '', published = '', target = ''] = match;
    ports.set(Number(target), { host: /^(?:0\.0\.0\.0|\[::\]|)$/.test(host) ? '127.0.0.1' : host, port: Number(published) });
  }
  return ports;
}
