import { z } from 'zod';
import type { Command, Json } from '../../model/index.ts';
import { lookUp, putIn } from '../../util/record.ts';
import { ident, literal } from './quote.ts';

/** Settings whose value is a list of identifiers; the server stores them quoted as it sees fit. */
const LISTS = new Set(['search_path', 'temp_tablespaces', 'session_preload_libraries', 'local_preload_libraries']);

/** Names of settings whose values are no business of a file that people share. */
const SECRET = /secret|passw|pwd|token|credential|api_?key|private|(?:^|[._])key$/i;
/** Values that are secret whatever they are called: a URL with a password, keys of well-known forms, a PEM block, a JWT. */
export const SECRET_SHAPE =
  /:\/\/[^\s:@/]*:[^\s@/]+@|\bAKIA[0-9A-Z]{16}\b|-----BEGIN|\bgh[pousr]_[A-Za-z0-9]{20,}|\b[rs]k_(?:live|test)_[A-Za-z0-9]{8,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\beyJ[A-Za-z0-9_-]{10,}\./;

/** By its name or by its value. */
export const mayBeSecret = (name: string, value: string): boolean => SECRET.test(name) || SECRET_SHAPE.test(value);

type Settings = Readonly<Record<string, string>>;

/** A value as a plan shows it: it may be a secret, and then it is not shown. */
export function shownSetting(name: string, value: string): string {
  return mayBeSecret(name, value) ? '(not shown)' : value;
}

/** Commands that set what stands in the manifest only: the value is read there at the moment it is sent. */
export const SET_SECRET = 'setting/set';

const place = z.object({ role: z.string(), key: z.string() });

export const asSettingPlace = (args: Json | undefined): z.infer<typeof place> | null => place.safeParse(args).data ?? null;

/** `key` is the setting, or `database/setting`. What may be a secret stands in no statement of a plan. */
export function setOfRole(role: string, key: string, value: string | undefined): Command {
  const slash = key.lastIndexOf('/');
  const setting = key.slice(slash + 1);
  const where = slash < 0 ? '' : ` IN DATABASE ${ident(key.slice(0, slash))}`;
  const name = setting.split('.').map(ident).join('.');
  const it = `ALTER ROLE ${ident(role)}${where}`;
  if (value === undefined) return { text: `${it} RESET ${name}` };
  if (mayBeSecret(setting, value)) return { op: SET_SECRET, text: `${it} SET ${name} = :value`, args: { role, key } };
  return { text: `${it} SET ${name} = ${isList(setting) ? value : literal(value)}` };
}

/** These settings, but those that may be secret as they are in `other`: what a plan must not repeat is not put back by it. */
export function withoutSecrets(settings: Settings, other: Settings): Settings {
  const names = new Set([...Object.keys(settings), ...Object.keys(other)]);
  const kept: Record<string, string> = {};
  for (const name of names) {
    const [own, theirs] = [lookUp(settings, name), lookUp(other, name)];
    const value = mayBeSecret(name, own ?? '') || mayBeSecret(name, theirs ?? '') ? theirs : own;
    if (value !== undefined) putIn(kept, name, value);
  }
  return kept;
}

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
