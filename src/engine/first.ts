import { lookUp } from '../util/record.ts';
import { plainText } from './import-names.ts';
import type { SecretInput } from './secret-input.ts';
import { readServerUrl, type ServerUrl, type UrlForm } from './server-url.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What `init` makes of a service in a compose file: which images are this engine's, and what its variables are called. */
export interface Containers {
  /** Fits the image without registry and tag. */
  readonly images: RegExp;
  /** Inside the container. */
  readonly port: number;
  /** The variables by which `initial` is told where the server is. */
  readonly address: { readonly host: string; readonly port: string };
  /** An option of the server’s command that holds a password, and the variable that stands for it. */
  readonly passwordOption?: { readonly option: string; readonly variable: string };
}

/** An address that a variable holds, without its password. */
export interface FoundUrl {
  readonly variable: string;
  readonly parts: ServerUrl;
  /** With the login and every parameter that is honoured, without the path. */
  readonly address: string;
  /** After a `?`; ''. */
  readonly query: string;
  readonly password: { readonly password?: SecretInput };
}

/** The first of the variables that holds an address of such a server. */
export function foundUrl(env: Env, variables: readonly string[], form: UrlForm): FoundUrl | null {
  for (const variable of variables) {
    const written = (lookUp(env, variable) ?? '').trim();
    // Another kind of address of the same products, as a sentinel's, is none of a server.
    if (lookUp(form.otherSchemes, /^[^:]*/.exec(written.toLowerCase())?.[0] ?? '') !== undefined) continue;
    // SQLAlchemy's form names a driver.
    const text = written.replace(/^([a-z]+)\+[a-z0-9]+:/i, '$1:');
    const [front = '', ...rest] = text.split('?');
    const base = /^([a-z0-9.-]+:\/\/[^/]*)/i.exec(front)?.[1] ?? '';
    const isRead = (query: string): boolean => 'url' in readServerUrl(`${base}?${query}`, form);
    const kept = rest
      .join('?')
      .split('&')
      .filter((part) => part !== '' && !/^pass(word|wd)?=/i.test(part) && isRead(part));
    const path = form.pathTrouble(front.slice(base.length + 1)) === null ? front.slice(base.length) : '';
    const reading = readServerUrl(`${base}${path}${kept.length === 0 ? '' : `?${kept.join('&')}`}`, form);
    if (!('url' in reading)) continue;
    const { url } = reading;
    return {
      variable,
      parts: url,
      address: plainText(base.replace(/^([^:]+:\/\/[^:@]*):[^@]*@/, '$1@').replace('://@', '://')),
      query: plainText(kept.length === 0 ? '' : `?${kept.join('&')}`),
      password: url.password === null ? {} : { password: { env: variable, part: 'password' } },
    };
  }
  return null;
}
