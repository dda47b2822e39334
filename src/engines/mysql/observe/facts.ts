import type { Observation } from '../../../engine/index.ts';
import type { Plugin } from '../password-hash.ts';

/** What the server is and what its admin may do, from the observation. */
export interface Facts {
  readonly flavor: 'mysql' | 'mariadb';
  readonly version: number;
  readonly literalNames: boolean;
  /** How new accounts prove themselves. */
  readonly plugin: Plugin;
  /** Targets of shares that are not there (yet). */
  readonly missing: ReadonlySet<string>;
}

export function factsOf(server: Observation['server']): Facts {
  const flavor = server['flavor'] === 'mariadb' ? 'mariadb' : 'mysql';
  const missing: unknown = JSON.parse(String(server['missing'] ?? '[]'));
  return {
    flavor,
    version: Number(server['version']),
    literalNames: server['literalNames'] === true,
    plugin: flavor === 'mariadb' ? 'mysql_native_password' : 'caching_sha2_password',
    missing: new Set(Array.isArray(missing) ? missing.map(String) : []),
  };
}
