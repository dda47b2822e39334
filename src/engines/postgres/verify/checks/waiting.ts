import type { Findings } from '../../../../engine/index.ts';
import { lookUp } from '../../../../util/record.ts';
import { secretCommand, secretSetting } from '../secrets.ts';
import type { CatalogSnapshot } from '../catalog-snapshot.ts';

type Opens = (then: string, now: string) => boolean;

const turnsOn: Opens = (then) => then === 'on';
const changes: Opens = (then, now) => then !== now;

/** Settings of the server that a wall stands on, and what of them opens it. */
const WALLS: Readonly<Record<string, Opens>> = {
  allow_system_table_mods: turnsOn,
  hba_file: changes,
  ident_file: changes,
  jit_provider: changes,
  listen_addresses: (then, now) => then !== now && /(?:^|[\s,])(?:\*|0\.0\.0\.0|::)(?:$|[\s,])/.test(then),
  lo_compat_privileges: turnsOn,
  local_preload_libraries: changes,
  password_encryption: (then) => then === 'md5',
  session_preload_libraries: changes,
  shared_preload_libraries: changes,
  ssl: (then) => then === 'off',
  unix_socket_directories: changes,
};

const COMMAND = /_command$|^primary_conninfo$/;
/** Superusers and members of pg_read_all_settings alone read these. */
const HIDDEN = new Set([
  'primary_conninfo',
  'ssl_passphrase_command',
  'config_file',
  'data_directory',
  'log_directory',
  'log_filename',
  'krb_server_keyfile',
]);
/** What the server is made with, in any spelling. */
const PATH = /^"?\$user"?\s*,\s*"?public"?$/;

/** Settings of the server that change what sessions of apps are or see, for all of them at once. */
const SESSIONS: Readonly<Record<string, (value: string) => boolean>> = {
  row_security: (value) => /^(off|false|no|0|f|n)$/i.test(value),
  session_replication_role: (value) => value !== 'origin',
  search_path: (value) => !PATH.test(value.trim()),
  role: (value) => value !== 'none',
};

/** What every login reads or becomes by the server's own files, and no statement says. */
export function checkFiles({ shared }: CatalogSnapshot, findings: Findings): void {
  const coming = new Set((shared.waiting ?? []).map(([name]) => name));
  for (const [name, value] of shared.files ?? []) {
    findings.judged += 1;
    const statement = `pg_file_settings: ${name}`;
    if (name.includes('.') ? secretSetting(name, value) : !HIDDEN.has(name) && !COMMAND.test(name) && secretCommand(value))
      findings.add(name.includes('.') ? 'P11' : 'P09s', {
        from: null,
        to: null,
        statement,
        answer: 'it holds what looks like a secret; every login reads it',
      });
    if (lookUp(SESSIONS, name)?.(value) !== true) continue;
    findings.add(name === 'search_path' ? 'E1' : 'E10', {
      from: null,
      to: null,
      statement,
      answer: `${name} = ${value}, for every session of everybody`,
      ...(coming.has(name) || name === 'search_path' ? { verdict: 'LATENT' as const } : {}),
    });
  }
}

/** What the files of the server say and the server does not have yet. */
export function checkWaiting({ shared }: CatalogSnapshot, findings: Findings): void {
  for (const [name, now, then] of shared.waiting ?? []) {
    findings.judged += 1;
    const secret = then !== null && COMMAND.test(name) && secretCommand(then);
    if (!secret && lookUp(WALLS, name)?.(then ?? '', now ?? '') !== true) continue;
    findings.add('Z2', {
      from: null,
      to: null,
      statement: `pg_file_settings: ${name}`,
      answer: secret
        ? `${name} will hold what looks like a secret; every login reads it`
        : `${name} is ${shown(now)}, and will be ${shown(then)}`,
    });
  }
}

const shown = (value: string | null): string => (value === null || value === '' ? 'empty' : value);
