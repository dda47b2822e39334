/** Whose future objects, in which schema ('' for all of them), of which type. */
export interface DefaultKey {
  readonly creator: string;
  readonly schema: string;
  readonly type: string;
}

/** `creator|schema|type`. A bar inside a name is written `%7C`. */
export function defaultKey({ creator, schema, type }: DefaultKey): string {
  return [creator, schema, type].map((part) => part.replaceAll('%', '%25').replaceAll('|', '%7C')).join('|');
}

/** What `defaultKey` was given. */
export function readDefaultKey(key: string): DefaultKey {
  const [creator = '', schema = '', type = ''] = key.split('|').map((part) => part.replaceAll('%7C', '|').replaceAll('%25', '%'));
  return { creator, schema, type };
}
