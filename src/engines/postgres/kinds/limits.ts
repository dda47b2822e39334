import { lookUp, putIn } from '../../../util/record.ts';
import type { DatabaseSpec, RoleSpec } from '../spec.ts';

type Unit = 'ms' | 'kB' | '8kB' | '';

interface Bound {
  /** Of a number without a unit. */
  readonly unit: Unit;
  /** The value that stands for no limit at all. */
  readonly none?: number;
}

/** Settings of which less is less that a session can do. */
const BOUNDS: Readonly<Record<string, Bound>> = {
  statement_timeout: { unit: 'ms', none: 0 },
  lock_timeout: { unit: 'ms', none: 0 },
  idle_in_transaction_session_timeout: { unit: 'ms', none: 0 },
  idle_session_timeout: { unit: 'ms', none: 0 },
  transaction_timeout: { unit: 'ms', none: 0 },
  temp_file_limit: { unit: 'kB', none: -1 },
  work_mem: { unit: 'kB' },
  maintenance_work_mem: { unit: 'kB' },
  logical_decoding_work_mem: { unit: 'kB' },
  temp_buffers: { unit: '8kB' },
  hash_mem_multiplier: { unit: '' },
  max_parallel_workers_per_gather: { unit: '' },
  max_parallel_maintenance_workers: { unit: '' },
};

const FACTORS: Readonly<Record<string, readonly [Unit, number]>> = {
  us: ['ms', 0.001],
  ms: ['ms', 1],
  s: ['ms', 1000],
  min: ['ms', 60_000],
  h: ['ms', 3_600_000],
  d: ['ms', 86_400_000],
  B: ['kB', 1 / 1024],
  kB: ['kB', 1],
  MB: ['kB', 1024],
  GB: ['kB', 1024 ** 2],
  TB: ['kB', 1024 ** 3],
};

/** How much a setting allows; null: it is none that limits, or the value says nothing. */
export function allows(name: string, value: string): number | null {
  const bound = lookUp(BOUNDS, name);
  const [, digits, suffix = ''] = /^\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(value) ?? [];
  if (bound === undefined || digits === undefined) return null;
  if (Number(digits) === bound.none) return Number.POSITIVE_INFINITY;
  if (suffix === '') return Number(digits) * (bound.unit === '8kB' ? 8 : 1);
  const [kind, factor] = lookUp(FACTORS, suffix) ?? ['', 0];
  return kind === (bound.unit === '8kB' ? 'kB' : bound.unit) ? Number(digits) * factor : null;
}

/** True where both values of a setting limit something, and the second one more. `key`: the setting, or `database/setting`. */
export function isTighter(key: string, from = '', to = ''): boolean {
  const name = settingOf(key);
  const [before, after] = [allows(name, from), allows(name, to)];
  return before !== null && after !== null && before > after;
}

/** True where a limit that goes leaves one that allows no less. */
export function isNoTighter(name: string, value: string, left = ''): boolean {
  const [had, has] = [allows(name, value), allows(name, left)];
  return had !== null && has !== null && has >= had;
}

/** -1 is no limit. */
export function isLower(from: number, to: number): boolean {
  return to >= 0 && (from < 0 || from > to);
}

/** Settings that limit, by name. */
export const LIMITING: readonly string[] = Object.keys(BOUNDS);

/** `setting` or `database/setting`: the setting. */
export function settingOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** What an adopted login is to have: its own limits where the manifest gives none. A tighter one was set on purpose as well. */
export function keepingLimits(desired: RoleSpec, observed: Pick<RoleSpec, 'settings' | 'connectionLimit'>): RoleSpec {
  const { usual } = desired;
  if (usual === undefined) return desired;
  const settings: Record<string, string> = { ...desired.settings };
  for (const [key, own] of Object.entries(observed.settings)) {
    const name = settingOf(key);
    if (usual.includes(name) && allows(name, own) !== null) putIn(settings, key, own);
  }
  const isKept = usual.includes('connectionLimit') && observed.connectionLimit >= 0;
  return { ...desired, settings, ...(isKept ? { connectionLimit: observed.connectionLimit } : {}) };
}

/** The same of an adopted database; without a limit of sessions it stays so, since that counts for others who come in as well. */
export function keepingLimit(desired: DatabaseSpec, observed: Pick<DatabaseSpec, 'settings' | 'connectionLimit'>): DatabaseSpec {
  const { usual, adopt } = desired;
  const kept = adopt ? Object.entries(observed.settings).filter(([name, value]) => allows(name, value) !== null) : [];
  const settings = kept.length === 0 ? {} : { settings: { ...Object.fromEntries(kept), ...desired.settings } };
  return { ...desired, ...settings, ...(usual === true ? { connectionLimit: observed.connectionLimit } : {}) };
}

/** True where a setting that becomes another one, or goes, leaves less, or something else that its sessions counted on. */
export function takesSetting(key: string, was: string | undefined, is: string | undefined, adopting: boolean): boolean {
  if (key === 'role' || isTighter(key, was, is)) return true;
  const name = settingOf(key);
  if (was === undefined) return adopting && allows(name, is ?? '') !== null;
  if (is !== undefined && (!adopting || allows(name, is) !== null)) return false;
  return is !== undefined || allows(name, was) === null || !isFreeWithout(name);
}

/** True where the server knows a value of this limit that stands for none, which it has unless somebody set another one. */
function isFreeWithout(name: string): boolean {
  return lookUp(BOUNDS, name)?.none !== undefined;
}
