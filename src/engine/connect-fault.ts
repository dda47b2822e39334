import { type Diagnostic, DiagnosticError } from '../model/index.ts';
import { lookUp } from '../util/record.ts';
import { errorCode } from '../util/system.ts';
import { unprintable } from '../util/unprintable.ts';
import { type Answerer, type Port, whoAnswers } from './who-answers.ts';

/** Why nobody got in. Each has a code of its own. */
export type FaultKind = keyof typeof CODES;

const CODES = {
  unreachable: 'CT3001',
  credentials: 'CT3002',
  name: 'CT3013',
  silent: 'CT3014',
  protocol: 'CT3015',
  certificate: 'CT3016',
  tls: 'CT3017',
  notAdmitted: 'CT3018',
  full: 'CT3019',
  database: 'CT3020',
  noPassword: 'CT3021',
  notReady: 'CT3022',
} as const;

export interface Fault {
  readonly kind: FaultKind;
  /** Goes on from `"main" at HOST:PORT`. */
  readonly says: string;
  readonly hint: string;
}

/** `says`: goes on from `"main" at HOST:PORT`. */
export function withoutPassword(says: string): Fault {
  return { kind: 'noPassword', says, hint: 'the instance has no password: add `password: { env: NAME }` or `password: { file: PATH }`' };
}

/** The server told who it is that it lets in not. */
export function refusedLogin(login: string, why: string, besides = ''): Fault {
  return {
    kind: 'credentials',
    says: `refused ${login}: ${why}`,
    hint: `check the user in \`url\` and the secret that \`password\` points to${besides}`,
  };
}

/** Where somebody wanted to get in, and how servers of this kind are told from others. */
export interface ConnectionAttempt extends Port {
  readonly instance: string;
  /** As people call such a server. */
  readonly kind: string;
  /** Milliseconds that opening could take. */
  readonly deadline: number;
  readonly tls: boolean;
  /** The manifest names the authority; else those that this machine trusts. */
  readonly namesAuthority: boolean;
  /** What its clients say first; null: the server speaks first. */
  readonly first: Buffer | null;
  /** What the server's own words come to; null: they say nothing about it. */
  faultOf(error: unknown): Fault | null | Promise<Fault | null>;
  /** The same of the first bytes of an answer: null where another kind of server gives such. `true`: as it should be. */
  heard(said: Buffer): Fault | true | null;
}

/** What a failed attempt comes to, as one diagnostic. Looks who is there where the error leaves it open. */
export async function connectFault(error: unknown, attempt: ConnectionAttempt): Promise<DiagnosticError> {
  const fault = (await attempt.faultOf(error)) ?? systemFault(error, attempt) ?? (await lookedUp(error, attempt));
  const { instance, host, port } = attempt;
  const told: Diagnostic = {
    code: CODES[fault.kind],
    severity: 'error',
    message: `"${instance}" at ${host}:${port} ${fault.says}`,
    hint: fault.hint,
    path: ['instances', instance],
    instance,
  };
  return new DiagnosticError([told]);
}

const FROM_HERE = 'check that the server is up and that the address is right from here';

/** What the system or TLS say, alike for every kind of server; null: it depends on who is there. */
function systemFault(error: unknown, { host, namesAuthority }: ConnectionAttempt): Fault | null {
  const code = errorCode(error);
  const system = lookUp(SYSTEM, code);
  if (system !== undefined) return { kind: 'unreachable', says: `cannot be reached: ${system}`, hint: FROM_HERE };
  if (code === 'ENOTFOUND')
    return {
      kind: 'name',
      says: `cannot be reached: there is no host "${host}"`,
      hint: 'check the host in `url`, and the DNS of this machine',
    };
  if (code.startsWith('EAI_'))
    return {
      kind: 'name',
      says: `cannot be reached: the address of "${host}" could not be looked up (${code})`,
      hint: 'check the network and the DNS of this machine, then try again',
    };
  const certificate = lookUp(CERTIFICATES, code);
  if (certificate === UNTRUSTED && namesAuthority)
    return {
      kind: 'certificate',
      says: `has a certificate that is not accepted: the authority that the manifest names for it has not signed it (${wordsOf(error)})`,
      hint: 'name the certificate of the authority that did; a chain that the server does not send may have to stand in that file too',
    };
  if (certificate !== undefined)
    return {
      kind: 'certificate',
      says: `has a certificate that is not accepted: ${certificate.why(wordsOf(error), host)}`,
      hint: certificate.hint,
    };
  return null;
}

const SYSTEM: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  EHOSTUNREACH: 'no route leads to that host',
  ENETUNREACH: 'no route leads to that network',
  EHOSTDOWN: 'that host is down',
  EADDRNOTAVAIL: 'no connection can be made to that address from here',
  ENOENT: 'there is no such socket',
  EACCES: 'this user may not use that socket',
};

interface CertificateFault {
  readonly hint: string;
  why(words: string, host: string): string;
}

const UNTRUSTED: CertificateFault = {
  why: (words) => `nobody whom this machine trusts vouches for it (${words})`,
  hint: 'name the certificate of the authority that signed it: `tls: { ca: { file: PATH } }`',
};
const INVALID: CertificateFault = { why: (words) => words, hint: 'install a valid certificate on the server' };

const CERTIFICATES: Readonly<Record<string, CertificateFault>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_CHAIN_TOO_LONG: INVALID,
  CERT_REVOKED: INVALID,
  CERT_REJECTED: INVALID,
  INVALID_CA: INVALID,
  INVALID_PURPOSE: INVALID,
  PATH_LENGTH_EXCEEDED: INVALID,
  CERT_HAS_EXPIRED: {
    why: () => 'it, or that of its authority, has expired',
    hint: 'renew it on the server, and check the clock of this machine',
  },
  CERT_NOT_YET_VALID: { why: () => 'it is not valid yet', hint: 'check the clocks of the server and of this machine' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    why: (words, host) => `it is for another name than "${host}" (${words})`,
    hint: 'write the host as the certificate has it; `verify-ca` accepts any name that the authority vouches for',
  },
};

/** Nobody said what it is: whoever is there is asked without a login. */
async function lookedUp(error: unknown, attempt: ConnectionAttempt): Promise<Fault> {
  const { host, kind, tls } = attempt;
  const why = wordsOf(error);
  const answerer: Answerer = host.startsWith('/')
    ? { connected: true, said: Buffer.alloc(0), tls: false }
    : await whoAnswers(attempt, attempt.first, attempt.deadline);
  const heard = answerer.said.length > 0 ? attempt.heard(answerer.said) : true;
  if (heard !== true && heard !== null) return heard;
  if (answerer.tls && !tls)
    return { kind: 'tls', says: 'speaks TLS only, and the manifest does not ask for it', hint: 'ask for it: `tls: { mode: verify-full }`' };
  if (heard === null)
    return {
      kind: 'protocol',
      says: `is no ${kind} server: it answers ${quoted(answerer.said)}`,
      hint: 'check the host and the port in `url`',
    };
  if (TLS_FAILED.test(errorCode(error)))
    return {
      kind: 'tls',
      says: `and this machine found no common TLS: ${why}`,
      hint: 'check the TLS settings of the server, and `tls` of the instance (`cert` and `key`, where it wants to know its clients)',
    };
  return answerer.connected ? silentFault(why, answerer.said.length > 0, attempt) : notReached(why);
}

const TLS_FAILED = /^(ERR_SSL_|ERR_TLS_|EPROTO)/;
const TIMED_OUT = /tim(?:e|ed) ?out|ETIMEDOUT|no answer/i;

function notReached(why: string): Fault {
  if (!TIMED_OUT.test(why)) return { kind: 'unreachable', says: `cannot be reached: ${why}`, hint: FROM_HERE };
  return {
    kind: 'silent',
    says: 'cannot be reached: no answer in time',
    hint: 'check the address, and whether a firewall drops connections from here',
  };
}

function silentFault(why: string, talks: boolean, { kind }: ConnectionAttempt): Fault {
  if (talks)
    return { kind: 'silent', says: `let nobody in in time: ${why}`, hint: 'the server is busy or stuck: see its log, then try again' };
  return {
    kind: 'silent',
    says: `took the connection and said nothing that a ${kind} server says: ${why}`,
    hint: `the program at that port does not answer like ${kind}: check the port, or whether the server is stuck`,
  };
}

/** Characters of an answer that are shown. */
const SHOWN = 60;

/** Its first line; of what is not made of lines the longest words. A login was not sent to it, so no secret can be in it. */
function quoted(said: Buffer): string {
  const text = said.toString('latin1');
  const words = text.split(/[^\x20-\x7e]+/).filter((one) => one !== '');
  const line = /^[\x20-\x7e]/.test(text) && !text.includes('\0') ? words[0] : words.sort((a, b) => b.length - a.length)[0];
  return line === undefined ? 'in another protocol' : `"${line.replace(unprintable, '').slice(0, SHOWN)}"`;
}

/** What an error says, of several attempts each. */
export function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(wordsOf).join('; ');
  if (error instanceof Error && error.message !== '') return error.message;
  return errorCode(error) || String(error);
}
