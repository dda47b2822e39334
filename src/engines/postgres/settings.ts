import { putIn } from '../../util/record.ts';

/** Settings whose value is a list of identifiers; the server stores them quoted as it sees fit. */
const LISTS = new Set(['search_path', 'temp_tablespaces', 'session_preload_libraries', 'local_preload_libraries']);

/** Names of settings whose values are no business of a file that people share. */
export const SECRET = /secret|passw|pwd|token|credential|api_?key|private|(?:^|[._])key$/i;

/** `"a", "b"`: every element quoted, whatever way it was written. */
function normalList(value: string): string {
  const items = [...value.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,"]+))\s*(?:,|$)/g)];
  return items
    .map((item) => item[1]?.replaceAll('""', '"') ?? (item[2] ?? '').trim().toLowerCase())
    .filter((item) => item !== '')
    .map((item) => `"${item.replaceAll('"', '""')}"`)
    .join(', ');
}

export function isList(name: string): boolean {
  return LISTS.has(name.toLowerCase());
}

export function listOf(names: readonly string[]): string {
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');
}

/** One setting in the form in which both sides are compared. */
export function normalSetting(name: string, value: string): readonly [string, string] {
  const key = name.toLowerCase();
  return [key, LISTS.has(key) ? normalList(value) : value];
}

/** Reads `name=value` as pg_db_role_setting stores it. */
export function parseSettings(config: readonly string[]): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const item of config) {
    const at = item.indexOf('=');
    const [key, value] = normalSetting(item.slice(0, at), item.slice(at + 1));
    putIn(settings, key, value);
  }
  return settings;
}
