import { X509Certificate } from 'node:crypto';
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import { z } from 'zod';
import { DiagnosticError, fail } from '../model/index.ts';
import type { SessionContext } from './session.ts';
import { type ReadFile, type SecretInput, secretInput } from './secret-input.ts';
import { readServerUrl, type ServerUrl, type TlsMode, type UrlForm, type UrlRole } from './server-url.ts';

const modes = z.enum(['disable', 'require', 'verify-ca', 'verify-full']);

/** TLS of an instance; stands beside `url`. */
export const tlsField = z
  .strictObject({
    mode: modes.optional().meta({ description: 'As `sslmode`. `verify-full` unless set; `disable` says that the network is trusted.' }),
    ca: secretInput.optional().meta({ description: 'PEM certificates of the authorities to trust, in place of those of this machine.' }),
    cert: secretInput.optional().meta({ description: 'PEM certificate with which cotenant logs in. Apps do not get it.' }),
    key: secretInput.optional().meta({ description: 'PEM private key of `cert`.' }),
  })
  .optional()
  .meta({ description: 'TLS for connections to the server.' });

/** What the fields of an instance say about its addresses and TLS. */
export interface TlsConfig {
  readonly url?: string | undefined;
  readonly publicUrl?: string | undefined;
  readonly sslmode?: TlsMode | undefined;
  readonly tlsVerify?: boolean | undefined;
  readonly tls?:
    | {
        readonly mode?: TlsMode | undefined;
        readonly ca?: SecretInput | undefined;
        readonly cert?: SecretInput | undefined;
        readonly key?: SecretInput | undefined;
      }
    | undefined;
}

/** TLS as it is wanted. */
export interface TlsWanted {
  readonly mode: TlsMode;
  /** null: the authorities that this machine trusts. */
  readonly ca: SecretInput | null;
  readonly cert: SecretInput | null;
  readonly key: SecretInput | null;
}

const PARTS = ['ca', 'cert', 'key'] as const;

/** libpq's word for the authorities of the machine. */
const SYSTEM = 'system';

/** The URL in a field, or null where there is none or it cannot be read: that is told when the manifest is checked. */
export function urlOf(text: string | undefined, form: UrlForm, role: UrlRole = 'server'): ServerUrl | null {
  const reading = text === undefined ? null : readServerUrl(text, form, role);
  return reading && 'url' in reading ? reading.url : null;
}

/** The URL that a command was given. Throws CT3005 with all that is wrong with it. */
export function givenUrl(text: string, form: UrlForm): ServerUrl {
  const reading = readServerUrl(text, form);
  if ('url' in reading) return reading.url;
  throw new DiagnosticError(
    reading.troubles.map(({ why, hint }) => ({
      code: 'CT3005',
      severity: 'error',
      message: `the url is no address of a ${form.kind} server: ${why}`,
      hint,
    })),
  );
}

/** What an import writes about TLS that its URL asked for. */
export function tlsFields(wanted: TlsWanted | null): Readonly<Record<string, unknown>> {
  if (wanted === null) return {};
  const files = Object.fromEntries(PARTS.flatMap((part) => (wanted[part] === null ? [] : [[part, wanted[part]]])));
  return { tls: { mode: wanted.mode, ...files } };
}

/** Who says which mode, in the words of the manifest. */
function sayings(config: TlsConfig, form: UrlForm): readonly (readonly [field: string, mode: TlsMode])[] {
  const said: readonly (readonly [string, TlsMode | undefined])[] = [
    ['url', urlOf(config.url, form)?.said.mode],
    ['sslmode', config.sslmode],
    ['tlsVerify', config.tlsVerify === false ? 'require' : undefined],
    ['tls', config.tls?.mode],
  ];
  return said.flatMap(([field, mode]) => (mode === undefined ? [] : [[field, mode] as const]));
}

/** What the manifest says about TLS to the server; null: not a word. */
export function tlsWanted(config: TlsConfig, form: UrlForm): TlsWanted | null {
  const url = urlOf(config.url, form);
  const file = (path: string | undefined): SecretInput | null => (path === undefined || path === SYSTEM ? null : { file: path });
  const ca = config.tls?.ca ?? file(url?.said.ca);
  const cert = config.tls?.cert ?? file(url?.said.cert);
  const key = config.tls?.key ?? file(url?.said.key);
  const said = sayings(config, form)[0]?.[1];
  const strict = ca !== null || cert !== null || url?.said.ca === SYSTEM || form.tlsSchemes.includes(url?.scheme ?? '');
  const mode = said ?? (strict ? 'verify-full' : null);
  if (mode === null) return null;
  // As libpq has it: who gives an authority wants the certificate checked.
  return { mode: mode === 'require' && ca !== null ? 'verify-ca' : mode, ca, cert, key };
}

/** The mode towards the server; undefined: not a word. */
export function tlsMode(config: TlsConfig, form: UrlForm): TlsMode | undefined {
  return tlsWanted(config, form)?.mode;
}

interface Contradiction {
  readonly path: readonly string[];
  readonly message: string;
  readonly hint: string;
}

/** Fields that say different things about TLS. */
export function tlsContradictions(config: TlsConfig, form: UrlForm): readonly Contradiction[] {
  const out: Contradiction[] = [];
  const told = sayings(config, form);
  const [first] = told;
  for (const [field, mode] of told.slice(1)) {
    if (!first || mode === first[1]) continue;
    const message = `It says "${mode}", and ${first[0]} says "${first[1]}"`;
    out.push({ path: field === 'tls' ? ['tls', 'mode'] : [field], message, hint: 'Say it in one place.' });
  }
  const url = urlOf(config.url, form);
  const wanted = tlsWanted(config, form);
  for (const part of ['ca', 'cert', 'key'] as const)
    if (config.tls?.[part] !== undefined && url?.said[part] !== undefined)
      out.push({ path: ['tls', part], message: 'The url names another file for it', hint: 'Say it in one place.' });
  if (wanted && (wanted.cert === null) !== (wanted.key === null))
    out.push({
      path: config.tls ? ['tls'] : ['url'],
      message: 'A certificate and its private key go together',
      hint: 'Add the one that is missing, or remove the other.',
    });
  if (wanted?.mode === 'disable' && (wanted.ca !== null || wanted.cert !== null || url?.said.ca !== undefined))
    out.push({ path: ['tls'], message: 'It names files for TLS, and TLS is disabled', hint: 'Remove them, or choose another mode.' });
  if (form.tlsSchemes.length > 0 && url) {
    const secure = form.tlsSchemes.includes(url.scheme);
    if (secure !== (wanted !== null && wanted.mode !== 'disable') && wanted !== null)
      out.push({
        path: ['url'],
        message: secure ? `${url.scheme}:// means TLS, which is disabled here` : `${url.scheme}:// is a connection without TLS`,
        hint: secure ? `Write ${form.schemes[0]}://.` : `Write ${form.tlsSchemes[0]}://.`,
      });
  }
  return out;
}

/** What is needed to open TLS. */
export interface TlsFiles {
  readonly mode: TlsMode;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Reads the files. Throws CT3012 where one is missing or is none of its kind. null: no TLS. */
export async function tlsFiles(wanted: TlsWanted | null, context: Pick<SessionContext, 'instance' | 'reveal'>): Promise<TlsFiles | null> {
  if (wanted === null || wanted.mode === 'disable') return null;
  const files: { ca?: string; cert?: string; key?: string } = {};
  const bad = (part: string, why: string) =>
    fail('CT3012', `"${context.instance}": ${PART_NAMES.get(part) ?? part}: ${why}`, {
      instance: context.instance,
      path: ['instances', context.instance],
      hint: 'name PEM files; relative paths start from the folder of the manifest',
    });
  for (const part of PARTS) {
    const input = wanted[part];
    if (input === null) continue;
    const text = await context.reveal(input).catch((error: unknown) => {
      throw bad(part, (error instanceof Error ? error.message : String(error)).replace(/^CT\d+: /, '').replace('secret file', 'file'));
    });
    if (part !== 'key' && !isCertificate(text)) throw bad(part, `${sourceOf(input)} is no PEM certificate`);
    files[part] = text;
  }
  try {
    createSecureContext(files);
  } catch {
    throw bad('key', 'it is no PEM private key, is encrypted, or is not the key of the certificate');
  }
  return { mode: wanted.mode, ...files };
}

const PART_NAMES: ReadonlyMap<string, string> = new Map([
  ['ca', 'the authority to trust (`tls.ca`)'],
  ['cert', 'the certificate to log in with (`tls.cert`)'],
  ['key', 'its private key (`tls.key`)'],
]);

function sourceOf(input: SecretInput): string {
  return 'env' in input ? `the environment variable ${input.env}` : `the file ${input.file}`;
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

/** As Node's own TLS takes it. */
export function nodeTls({ mode, ca, cert, key }: TlsFiles): ConnectionOptions {
  return {
    rejectUnauthorized: mode !== 'require',
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** TLS as apps are told it: the mode, and where their clients find the authority. */
export interface TlsForApps {
  readonly sslmode?: TlsMode;
  readonly sslrootcert?: string;
  /** The certificates of the authority, where they are few enough to stand in a URL. */
  readonly ca?: string;
}

/** Characters of certificates that may stand in a variable: systems have limits. */
const IN_A_URL = 8000;

/** For names of variables: whether there is a file depends on the manifest alone. */
export const unreadFile: ReadFile = (input) => ({ path: 'env' in input ? null : input.file, text: '' });

/** `own`: the address that apps get, where it is another than the server's; what it says goes first. `file`: where a file lies, seen from anywhere. */
export function tlsForApps(config: TlsConfig, form: UrlForm, own: string | undefined, file: ReadFile | undefined): TlsForApps {
  const said = urlOf(own, form, 'apps')?.said;
  const wanted = tlsWanted(config, form);
  const mode = said?.mode ?? wanted?.mode;
  if (mode === undefined) return {};
  if (mode === 'disable') return { sslmode: mode };
  if (said?.ca !== undefined) return { sslmode: mode, sslrootcert: said.ca };
  const found = wanted?.ca ? (file?.(wanted.ca) ?? null) : null;
  const path = found ? found.path : urlOf(config.url, form)?.said.ca === SYSTEM ? SYSTEM : null;
  return {
    sslmode: mode,
    ...(path === null ? {} : { sslrootcert: path }),
    ...(found === null || found.text.length > IN_A_URL ? {} : { ca: found.text }),
  };
}
