import { addLogins } from './roles.ts';
import { ownDatabaseNames, schemaNames } from './spaces.ts';
import type { Draft } from './draft.ts';
import { baseName, roleNames } from '../names.ts';

/** Sessions of a reader that the manifest gives no number. */
export const READER_CONNECTIONS = 5;

/** Read-only logins: members of the read-only groups of the apps they read, which also carry the right to connect. */
export function compileReaders(draft: Draft): void {
  for (const reader of draft.input.readers) {
    const groups: string[] = [];
    for (const app of reader.reads) {
      const placed = draft.input.placements.find((placement) => placement.app === app);
      if (!placed) continue;
      if (placed.placement.isolation === 'rows') {
        draft.error(
          'CT2017',
          `reader "${reader.name}" cannot read "${app}": at level rows a login sees its own workspace only`,
          reader.path,
          'place the app at level schema or database',
        );
        continue;
      }
      const names = placed.placement.isolation === 'schema' ? schemaNames(app, placed.placement) : ownDatabaseNames(app, placed.placement);
      groups.push(names.readOnly);
    }
    addLogins(draft, {
      app: reader.name,
      logins: roleNames(baseName(reader.name)).logins,
      memberOf: groups,
      connections: reader.connections ?? READER_CONNECTIONS,
      settings: { default_transaction_read_only: 'on', idle_in_transaction_session_timeout: '10min', temp_file_limit: '2GB' },
      adopt: false,
      path: reader.path,
    });
  }
}
