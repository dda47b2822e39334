import { stringify } from 'yaml';

export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** Words of YAML 1.1 are quoted, since readers differ in which version they read. */
export function yaml(value: Value): string {
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

/** A text in which nothing is put in the place of `$NAME`. */
export function literal(text: string): string {
  return text.replaceAll('$', () => '$$');
}
