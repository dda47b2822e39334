import { isIP, isIPv6 } from 'node:net';
import { didYouMean } from '../util/closest.ts';
import { lookUp } from '../util/record.ts';

export type TlsMode = 'disable' | 'require' | 'verify-ca' | 'verify-full';

/** What parameters of a URL can say. Files are as they are written there. */
export interface UrlSaid {
  readonly host?: string;
  readonly port?: string;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly mode?: TlsMode;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The login has to be bound to the TLS of the connection. */
  readonly channelBinding?: boolean;
  /** Milliseconds in which a connection has to be open. */
  readonly connectTimeout?: number;
}

/** What a parameter says; a text: why it is refused. `{}`: it asks for what is so anyway. */
export type Parameter = string | ((value: string) => UrlSaid | string);

/** How URLs of one kind of server look. */
export interface UrlForm {
  /** As people call such a server. */
  readonly kind: string;
  /** The first is the usual one. */
  readonly schemes: readonly string[];
  /** Those of `schemes` that mean TLS. */
  readonly tlsSchemes: readonly string[];
  /** Schemes of what this engine cannot use, each with why. */
  readonly otherSchemes: Readonly<Record<string, string>>;
  readonly port: number;
  /** Whether the host may be the folder of a Unix socket. */
  readonly sockets: boolean;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** How people write them, where `parameters` has another spelling. */
  readonly spellings?: readonly string[];
  /** One spelling for those that clients spell differently. */
  parameterName(written: string): string;
  /** Why the path is refused; null: it is not. */
  pathTrouble(path: string): string | null;
}

export interface ServerUrl {
  readonly scheme: string;
  /** A name, an IPv4 address, an IPv6 address without brackets, or the absolute folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string | null;
  readonly password: string | null;
  readonly database: string | null;
  readonly said: UrlSaid;
}

/** What is wrong with a URL. Never holds a part of it that could be a password. */
export interface UrlTrouble {
  readonly why: string;
  readonly hint: string;
}

export type UrlReading = { readonly url: ServerUrl } | { readonly troubles: readonly UrlTrouble[] };

/** `apps`: an address for apps, which have users and databases of their own. */
export type UrlRole = 'server' | 'apps';

const SHAPE = /^([a-z][a-z0-9+.-]*):\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^@?#]*))?(?:\?([^@#]*))?$/i;
const FORM = 'A scheme, a host, and a port up to 65535; escape special characters in names, such as @ as %40.';

/** Reads a URL, or says everything that is wrong with it. */
export function readServerUrl(text: string, form: UrlForm, role: UrlRole = 'server'): UrlReading {
  const match = /[\s\p{Cc}]/u.test(text) ? null : SHAPE.exec(text);
  const scheme = (/^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1] ?? '').toLowerCase();
  if (!match || !form.schemes.includes(scheme)) return { troubles: [shapeTrouble(text, scheme, form, role)] };
  const [, , login = '', place = '', path = '', query = ''] = match;
  const troubles: UrlTrouble[] = [];
  const trouble = (why: string, hint: string): void => void troubles.push({ why, hint });
  const said = readQuery(query, form, role, trouble);
  const decode = (part: string, what: string): string => {
    const value = decoded(part);
    if (value !== null) return value;
    trouble(`the ${what} is not percent-encoded as it should be`, 'Write % as %25, and every other special character as its code.');
    return '';
  };
  const colon = login.indexOf(':');
  const user = decode(colon < 0 ? login : login.slice(0, colon), 'user');
  const password = colon < 0 ? '' : decode(login.slice(colon + 1), 'password');
  const database = decode(path, 'path');
  const refused = path === '' ? null : path.includes('/') ? 'the path has several parts' : form.pathTrouble(database);
  if (refused !== null) trouble(refused, 'Leave it out, or escape a / in a name as %2F.');
  if (role === 'apps' && (login !== '' || path !== ''))
    trouble('it names a user or a database', 'Every app has its own: write the scheme, the host and the port only.');
  const { host, port } = readPlace(place, said, form, trouble);
  twice(said, { user, password, database, host: place }, trouble);
  if (troubles.length > 0) return { troubles };
  const either = (one: string, other: string | undefined): string | null => (one === '' ? (other ?? null) : one);
  return {
    url: {
      scheme,
      host,
      port,
      user: either(user, said.user),
      password: either(password, said.password),
      database: either(database, said.database),
      said,
    },
  };
}

/** What stands before and after the `?` cannot both be meant. */
function twice(said: UrlSaid, inFront: Readonly<Record<string, string>>, trouble: (why: string, hint: string) => void): void {
  const behind = new Map<string, unknown>(Object.entries(said));
  for (const [part, value] of Object.entries(inFront))
    if (value !== '' && behind.has(part)) trouble(`it names the ${part} twice`, 'Remove one of them.');
}

function decoded(part: string): string | null {
  try {
    const value = decodeURIComponent(part);
    return value.includes('\0') ? null : value;
  } catch {
    return null;
  }
}

function shapeTrouble(text: string, scheme: string, form: UrlForm, role: UrlRole): UrlTrouble {
  const usual = `${form.schemes[0]}://${role === 'apps' ? '' : 'admin@'}host:${form.port}`;
  if (text.trim() === '') return { why: 'it is empty', hint: `Write it as ${usual}, or remove the key.` };
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { why: 'it has no scheme', hint: `Write it as ${usual}` };
  const other = lookUp(form.otherSchemes, scheme);
  if (other !== undefined) return { why: other, hint: `Write it as ${usual}` };
  if (!form.schemes.includes(scheme)) {
    const why = /^jdbc$|\+/.test(scheme) ? `${scheme}: is the form of a driver` : `${scheme}:// is the scheme of something else`;
    return { why, hint: `Use ${form.schemes.map((one) => `${one}://`).join(' or ')}, or correct \`engine\`.` };
  }
  if (/[\s\p{Cc}]/u.test(text)) return { why: 'it has white space in it', hint: 'Write a space as %20, and remove what stands around it.' };
  if (text.includes('#')) return { why: 'it has a # in it', hint: 'Write # as %23.' };
  return { why: 'it cannot be taken apart', hint: FORM };
}

function readPlace(place: string, said: UrlSaid, form: UrlForm, trouble: (why: string, hint: string) => void) {
  const nowhere = { host: '', port: form.port };
  const text = place === '' ? '' : place;
  if (text.includes(',') || (said.host ?? '').includes(',')) {
    trouble('it names several servers', 'cotenant changes one server: use the address of the primary.');
    return nowhere;
  }
  const [, written = '', after] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(text) ?? [];
  if (/^(?!\[).*:.*:/.test(text)) {
    trouble('an IPv6 address stands in brackets', 'Write it as [::1].');
    return nowhere;
  }
  const host = written === '' ? (said.host ?? '') : decoded(written.replace(/^\[(.*)\]$/, '$1'));
  const wrong = hostTrouble(host, written, form);
  if (wrong !== null) trouble(...wrong);
  const port = after ?? said.port ?? String(form.port);
  if (after !== undefined && said.port !== undefined) trouble('it names the port twice', 'Remove one of them.');
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) trouble('the port is no number from 1 to 65535', `Leave it out for ${form.port}.`);
  return { host: host ?? '', port: number };
}

function hostTrouble(host: string | null, written: string, form: UrlForm): [why: string, hint: string] | null {
  if (host === null || host === '') return ['it names no host', `Write it as ${form.schemes[0]}://admin@host:${form.port}`];
  if (host.startsWith('/')) {
    if (form.sockets) return null;
    return ['it leads to a Unix socket', `cotenant reaches ${form.kind} over TCP: write localhost or 127.0.0.1.`];
  }
  if (written.startsWith('[')) return isIPv6(host) ? null : ['the address in brackets is no IPv6 address', 'Write it as [::1].'];
  const numeric = /^[\d.]+$/.test(host);
  const fine = numeric
    ? isIP(host) === 4
    : /^[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]{0,252}[\p{L}\p{N}_])?\.?$/u.test(host) && !host.includes('..');
  return fine ? null : ['the host is neither a name nor an address', FORM];
}

function readQuery(query: string, form: UrlForm, role: UrlRole, trouble: (why: string, hint: string) => void): UrlSaid {
  const said: UrlSaid[] = [];
  const seen = new Set<string>();
  for (const part of query === '' ? [] : query.split('&')) {
    const [, written = '', raw] = /^([^=]*)(?:=(.*))?$/s.exec(part) ?? [];
    const name = form.parameterName(written);
    const value = raw === undefined ? null : decoded(raw);
    const shown = raw !== undefined && /^[A-Za-z][A-Za-z0-9_-]{0,40}$/.test(written) ? `the parameter "${written}"` : 'a parameter';
    const parameter = lookUp(form.parameters, name);
    if (value === null) trouble(`${shown} has no value that can be read`, 'Write it as name=value, percent-encoded.');
    else if (seen.has(name)) trouble(`${shown} stands there twice`, 'Remove one of them.');
    else if (parameter === undefined)
      trouble(
        `${shown} is unknown`,
        // What was meant may be what keeps the connection safe.
        didYouMean(written, form.spellings ?? Object.keys(form.parameters)) ??
          'Remove it: a parameter that is not honoured would be missing without a word.',
      );
    else addSaid(parameter, value, { shown, role, said, trouble });
    seen.add(name);
  }
  return said.reduce((all, one) => ({ ...all, ...one }), {});
}

/** What an address for apps can say. */
const FOR_APPS: ReadonlySet<string> = new Set(['mode', 'ca']);

interface Saying {
  readonly shown: string;
  readonly role: UrlRole;
  readonly said: UrlSaid[];
  readonly trouble: (why: string, hint: string) => void;
}

function addSaid(parameter: Parameter, value: string, { shown, role, said, trouble }: Saying): void {
  const read = typeof parameter === 'string' ? parameter : parameter(value);
  if (typeof read === 'string') trouble(`${shown} is refused`, read);
  else if (role === 'apps' && Object.keys(read).some((key) => !FOR_APPS.has(key)))
    trouble(`${shown} is refused`, 'An address for apps takes the TLS mode and the file of the CA only.');
  else said.push(read);
}

/** A parameter with a few words, each of which means a mode of TLS, or is refused for a reason. */
export function modeParameter(modes: Readonly<Record<string, string>>): Parameter {
  return (value) => {
    const mode = lookUp(modes, value.toLowerCase());
    if (mode === 'disable' || mode === 'require' || mode === 'verify-ca' || mode === 'verify-full') return { mode };
    const known = Object.entries(modes).filter(([, one]) => /^(disable|require|verify-ca|verify-full)$/.test(one));
    return mode ?? `Its value is one of ${known.map(([word]) => word).join(', ')}.`;
  };
}

/** Seconds in which a connection has to be open; 0: as if it were not there. */
export const secondsParameter: Parameter = (value) => timeout(value, 1000);
export const millisecondsParameter: Parameter = (value) => timeout(value, 1);

function timeout(value: string, unit: number): UrlSaid | string {
  if (!/^\d{1,9}$/.test(value)) return 'Its value is a whole number.';
  return Number(value) === 0 ? {} : { connectTimeout: Number(value) * unit };
}

/** A parameter that may say what is so anyway, and nothing else. */
export function onlyParameter(values: readonly string[], hint: string): Parameter {
  return (value) => (values.includes(value) ? {} : hint);
}

export function fileParameter(part: 'ca' | 'cert' | 'key'): Parameter {
  return (value) => (value === '' ? 'Its value is the path of a file.' : { [part]: value });
}
