import { type DiagnosticError, fail } from '../model/index.ts';

/** The URL of a server, with every name decoded. */
export interface ServerUrl {
  readonly scheme: string;
  /** A name, an address (IPv6 without brackets), or the folder of a socket; '' where the URL names none. */
  readonly host: string;
  /** null: the usual one. */
  readonly port: number | null;
  /** '' where there is none. */
  readonly user: string;
  readonly password: string;
  /** What stands after the first slash. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** null where it is no URL of one of these schemes, or where a name in it cannot be read. */
export function serverUrl(schemes: readonly string[], text: string): ServerUrl | null {
  const url = URL.parse(text);
  const scheme = url?.protocol.slice(0, -1) ?? '';
  if (!url || !schemes.includes(scheme)) return null;
  try {
    const decode = decodeURIComponent;
    return {
      scheme,
      host: decode(url.hostname).replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? null : Number(url.port),
      user: decode(url.username),
      password: decode(url.password),
      path: decode(url.pathname.slice(1)),
      query: url.searchParams,
    };
  } catch {
    return null;
  }
}

/** What is said where a URL is no such address. The URL is not repeated: a password may stand in it. `example`: one that is. */
export function notAnAddress(kind: string, example: string): DiagnosticError {
  return fail('CT3005', `the url is no address of a ${kind} server`, { hint: `write it as ${example}` });
}
