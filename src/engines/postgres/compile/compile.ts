import { checkBudget, type Compiled, inClear } from '../../../engine/index.ts';
import { urlForm } from '../connect/url-form.ts';
import type { Path } from '../../../model/index.ts';
import { oncePer } from '../../../util/once.ts';
import { CLOSED } from '../kinds/perimeter.ts';
import { demands } from './budget.ts';
import { compileOwnDatabase } from './database.ts';
import { compileOperators } from './operators.ts';
import { compileReaders } from './readers.ts';
import { compileService } from './service.ts';
import { compileShares } from './shares.ts';
import { compileSpaces } from './space.ts';
import type { Placement } from '../config.ts';
import { Draft, type Input } from './draft.ts';
import { ledgerName } from '../marks/ledger.ts';
import { normalSetting } from '../settings.ts';

/** Databases that every server has and that no app may live in. */
export const MAINTENANCE: readonly string[] = ['postgres', 'template1'];

const OURS = new Set([
  'role',
  'search_path',
  'session_authorization',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'temp_file_limit',
]);

/** Everything that the manifest asks of one instance, checked as far as that goes without asking the server. An input is frozen: it is worked out once. */
export const compile = oncePer((input: Input): Compiled => compileAll(input));

function compileAll(input: Input): Compiled {
  const draft = new Draft(input);
  draft.tell(...inClear(input, urlForm));
  draft.claim('role', ledgerName(input.project), 'cotenant', input.path);
  const open = input.config.perimeter === 'warn';
  for (const name of MAINTENANCE) {
    const everybody = open ? null : '';
    draft.add(
      'perimeter',
      name,
      null,
      { ...CLOSED, publicDatabase: everybody, publicSchema: name === 'postgres' ? everybody : null },
      input.path,
    );
  }
  if (open)
    draft.relax(null, 'perimeter: warn', 'every login, including those of the apps, can connect to postgres and template1', [
      ...input.path,
      'perimeter',
    ]);
  for (const { app, placement, path } of input.placements) {
    checkPlacement(draft, app, placement, path);
    if (placement.isolation === 'database') compileOwnDatabase(draft, app, placement, path);
  }
  compileSpaces(draft);
  compileReaders(draft);
  compileShares(draft);
  compileOperators(draft, MAINTENANCE);
  compileService(draft, MAINTENANCE);
  const max = input.config.connections.max;
  if (max !== undefined)
    checkBudget(
      draft,
      demands(input),
      max - input.config.connections.reserve,
      `connections.max ${max} − reserve ${input.config.connections.reserve}`,
    );
  return draft.done();
}

function checkSettings(draft: Draft, app: string, settings: Readonly<Record<string, string>>, path: Path): void {
  for (const [name, value] of Object.entries(settings)) {
    const [key] = normalSetting(name, value);
    if (OURS.has(key))
      draft.error('CT2003', `app "${app}": cotenant sets ${key} itself`, [...path, 'settings', name], 'use the corresponding field');
  }
}

function checkPlacement(draft: Draft, app: string, placement: Placement, path: Path): void {
  // At level schema it is claimed, which checks it.
  if (placement.isolation !== 'schema' && placement.schema !== undefined) draft.checkName('schema', placement.schema, [...path, 'schema']);
  checkSettings(draft, app, placement.settings, path);
  for (const [login, fields] of Object.entries(placement.logins ?? {}))
    if (typeof fields !== 'string') checkSettings(draft, app, fields.settings ?? {}, [...path, 'logins', login]);
  if (placement.isolation !== 'database' && placement.database === undefined) {
    draft.error(
      'CT2019',
      `app "${app}" is at level ${placement.isolation}, but its placement names no database`,
      path,
      'add `database: <name>`',
    );
  }
  if (placement.isolation === 'database' && placement.relax.createOnDatabase) {
    draft.warn('CT2020', `app "${app}": createOnDatabase has no effect at level database, where it is always on`, [
      ...path,
      'relax',
      'createOnDatabase',
    ]);
  }
  if (placement.advisoryLocks === 'allow') {
    draft.relaxByDefault(
      app,
      'advisoryLocks: allow',
      'a login can take any number of advisory locks and so fill the lock table that all databases share',
      path,
    );
  }
  if (placement.relax.logicalMessages)
    draft.relax(app, 'relax.logicalMessages', 'logins can write messages to the replication stream of the database', path);
  if (placement.relax.truncate)
    draft.relax(app, 'relax.truncate', 'logins at rw can TRUNCATE tables, which row-level security does not prevent', path);
  if (placement.relax.unlimitedTempFiles)
    draft.relax(app, 'relax.unlimitedTempFiles', 'queries can fill the disk with temporary files', path);
}
