import type { EnvVar } from './engine.ts';

/** In place of a password in a value that is shown. */
export const MASK = '********';

/** A name as it stands in a variable's name: upper case, and `_` for what no variable can hold. */
export function variableName(name: string): string {
  return name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9_]/g, '_')
    .replace(/^(?=\d)/, '_');
}

/** A variable's name of several names, as `SHOP_MIGRATOR_URL`. */
export function variableOf(...names: readonly (string | undefined)[]): string {
  return names.flatMap((name) => (name === undefined ? [] : [variableName(name)])).join('_');
}

/** What is known of a variable before it has a value. */
export function withoutValue({ name, common, part }: EnvVar): Pick<EnvVar, 'name' | 'common' | 'part'> {
  return { name, ...(common === true ? { common } : {}), ...(part === undefined ? {} : { part }) };
}

/** Percent-encodes all but letters, digits and `-._~`. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** As it stands in a URL. `host`: a name, an IPv4 address, or an IPv6 address without brackets. */
export function hostAndPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : percentEncode(host)}:${port}`;
}

/** Parameters of a URL; null: not there. */
export type Query = Readonly<Record<string, string | null>>;

export function queryParts(query: Query): readonly string[] {
  return Object.entries(query).flatMap(([key, value]) => (value === null ? [] : [`${key}=${percentEncode(value)}`]));
}
