import type { Findings } from '../../../../engine/index.ts';
import { lookUp } from '../../../../util/record.ts';
import { secretCommand } from '../secrets.ts';
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

/** What the files of the server say and the server does not have yet. */
export function checkWaiting({ shared }: CatalogSnapshot, findings: Findings): void {
  for (const [name, now, then] of shared.waiting ?? []) {
    findings.judged += 1;
    const secret = then !== null && /_command$|^primary_conninfo$/.test(name) && secretCommand(then);
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
