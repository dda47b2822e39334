import type { Findings, Stuck } from '../../../../engine/index.ts';
import type { Fix } from '../../../../model/index.ts';
import { lookUp } from '../../../../util/record.ts';
import { markLine, textOf } from '../../marks/mark.ts';
import { ident, literal } from '../../quote.ts';
import { lowered, settingText } from '../../losses/taken.ts';
import { parseSettings, setOfRole, shownSetting } from '../../settings.ts';
import { fixShared } from '../findings.ts';
import { barOfPlace, barOfRole, barred, OPERATORS_AFFAIR, type Sink } from '../fixable.ts';
import { lossOf, withLosses } from '../losing.ts';
import { isTighter, keepingLimits } from '../../kinds/limits.ts';
import { secretCommand, secretSetting, secretText } from '../secrets.ts';
import type { Place, CatalogSnapshot } from '../catalog-snapshot.ts';
import { SHARED } from '../../connect/lanes.ts';
import type { Principal } from '../principals.ts';

/** Settings that change what a session is or sees, although every login may set them. */
const RISKY = new Set([
  'role',
  'session_authorization',
  'row_security',
  'local_preload_libraries',
  'search_path',
  'default_transaction_read_only',
]);
/** Settings that end what an app does, where somebody chose them for its login: a plan takes them away. */
const STOPPING = /^(statement|transaction|lock|idle_session|idle_in_transaction_session)_timeout$/;
const TEMP_LIMIT = 'temp_file_limit';

/** What stands in pg_db_role_setting and in the server's configuration. */
export function checkSettings(snapshot: CatalogSnapshot, findings: Findings): void {
  // As `TimeZone`; a stored setting may be written in any way.
  const free = new Set(snapshot.shared.free.map(([name]) => name.toLowerCase()));
  for (const [database, role, config] of snapshot.shared.settings) {
    for (const [name, value] of Object.entries(parseSettings(config))) {
      findings.judged += 1;
      checkSetting(snapshot, barred(findings, barOfSetting(snapshot, database, role)), {
        database,
        role,
        name,
        value,
        free: free.has(name),
      });
    }
  }
  checkMissing(snapshot, findings);
  checkServer(snapshot, findings);
  checkComments(snapshot, findings);
}

interface Setting {
  readonly database: string;
  readonly role: string;
  readonly name: string;
  readonly value: string;
  /** Every login may set it. */
  readonly free: boolean;
}

function reset({ database, role, name }: Setting): string {
  const setting = name.split('.').map(ident).join('.');
  if (role === '') return database === '' ? `ALTER ROLE ALL RESET ${setting}` : `ALTER DATABASE ${ident(database)} RESET ${setting}`;
  return `ALTER ROLE ${ident(role)}${database === '' ? '' : ` IN DATABASE ${ident(database)}`} RESET ${setting}`;
}

/** A setting is whoever's it is set for; one for everybody is the operator's. */
function barOfSetting(snapshot: CatalogSnapshot, database: string, role: string): Stuck | null {
  if (role !== '') return barOfRole(snapshot, role);
  const place = snapshot.place(database);
  return place ? barOfPlace(snapshot, place) : OPERATORS_AFFAIR;
}

function checkSetting(snapshot: CatalogSnapshot, findings: Sink, setting: Setting): void {
  const { database, role, name, value } = setting;
  const principal = role === '' ? null : snapshot.principalOf(role);
  const place = snapshot.place(database);
  const desired = settingFor(snapshot, setting);
  const whose =
    role === '' ? (database === '' ? 'all roles' : `database ${database}`) : `role ${role}${database === '' ? '' : ` in ${database}`}`;
  const to = principal?.name ?? place?.target ?? null;
  const statement = `pg_db_role_setting of ${whose}`;
  const fix = resetting(snapshot, setting, place);
  const said = desired !== undefined && sameSetting(desired, value);
  if (!said && secretSetting(name, value))
    findings.add('P11', { from: null, to, statement, answer: `${name} looks like a secret and is readable by every login`, fix });
  if (said) return;
  const ours = principal
    ? principal.kind !== 'foreign' && principal.kind !== 'operator'
    : role === '' && (database === '' || (place !== null && place.kind !== 'other'));
  if (!ours) return;
  const from = principal?.name ?? place?.app ?? null;
  const fact = { from, to: null, statement, fix, stuck: stuckOn(snapshot, setting, desired !== undefined) };
  if (name === 'search_path' && role === '') findings.add('E1', { ...fact, to: null, answer: `search_path = ${value}` });
  else if (name === 'lo_compat_privileges') {
    if (/^(on|true|yes|1)$/i.test(value))
      findings.add('P17', { from: null, to: place?.target ?? null, statement, answer: `${name} = ${value}`, fix });
  } else if (name.includes('.') && desired === undefined)
    findings.add('P11', { from: null, to, statement, answer: `${name} is readable by every login and not in the manifest`, fix });
  else if (name === TEMP_LIMIT) {
    if (desired !== undefined)
      findings.add('D6', {
        ...fact,
        answer: `${name} = ${value}, the manifest says ${desired}`,
        fix: database === '' ? setTo(snapshot, setting, desired) : fix,
      });
  } else if (desired !== undefined)
    findings.add('E10', {
      ...fact,
      answer: `${name} is not what the manifest says (${shownSetting(name, desired)})`,
      fix: database === '' ? setTo(snapshot, setting, desired) : fix,
    });
  else if (RISKY.has(name) ? principal?.kind !== 'retired' : isStopping(name, principal) || (!setting.free && !isOperators(setting, place)))
    // A retired app keeps its role and its path for the day on which it comes back.
    findings.add('E10', { ...fact, answer: `${name} = ${value}` });
}

function isStopping(name: string, principal: Principal | null): boolean {
  return STOPPING.test(name) && (principal?.kind === 'app' || principal?.kind === 'reader');
}

/** What is set for a database is set for whoever comes into it and has no other value of its own. */
function resetting(snapshot: CatalogSnapshot, setting: Setting, place: Place | null): readonly Fix[] {
  const fix = fixShared(reset(setting));
  if (setting.role !== '' || place === null) return fix;
  const others = snapshot.othersIn(place.database).filter((login) => {
    const own = snapshot.shared.settings.filter(([database, role]) => role === login && (database === '' || database === place.database));
    return !own.some(([, , config]) => lookUp(parseSettings(config), setting.name) !== undefined);
  });
  const what = `${settingText(setting.name, setting.value)} of database "${place.database}"`;
  return withLosses(
    fix,
    others.map((login) => lossOf(snapshot, login, what)),
  );
}

/** What the manifest asks for, the service may keep; of what somebody else has set, that is never accepted. */
function stuckOn(snapshot: CatalogSnapshot, { role, database, name }: Setting, desired: boolean): Stuck | null {
  if (role === '') return snapshot.limits.refused(database === '' ? null : (snapshot.place(database)?.owner ?? null));
  const found = snapshot.limits.setting(name);
  return found === null || desired ? found : snapshot.limits.refused(null);
}

/** What the operator says of all sessions, or of those where no app lives: nobody else could, and it loosens nothing of an app's. */
function isOperators({ role, database, name }: Setting, place: Place | null): boolean {
  return role === '' && (database === '' ? name.startsWith('log_') : place?.kind === 'maintenance');
}

function sameSetting(a: string, b: string): boolean {
  return a.replaceAll('"', '').toLowerCase() === b.replaceAll('"', '').toLowerCase();
}

/** What the manifest comes to for a role that has this; undefined: nothing. */
function settingFor(snapshot: CatalogSnapshot, { role, database, name, value }: Setting): string | undefined {
  const desired = snapshot.desired(role);
  if (!desired) return undefined;
  const key = database === '' ? name : `${database}/${name}`;
  const { settings } = keepingLimits(desired, { settings: { [key]: value }, connectionLimit: -1 });
  return lookUp(settings, key) ?? lookUp(settings, name);
}

function setTo(snapshot: CatalogSnapshot, { role, name, value }: Setting, to: string): readonly Fix[] {
  const isLess = snapshot.isLive(role) && isTighter(name, value, to);
  return withLosses(
    [{ lane: SHARED, statement: setOfRole(role, name, to) }],
    isLess ? [lossOf(snapshot, role, lowered(name, value, to))] : [],
  );
}

/** What the manifest asks for and the server does not have. A reset by the app itself looks like this. */
function checkMissing(snapshot: CatalogSnapshot, findings: Findings): void {
  const found = new Map<string, Set<string>>();
  for (const [database, role, config] of snapshot.shared.settings)
    if (database === '' && role !== '') found.set(role, new Set(Object.keys(parseSettings(config))));
  const bounded = Number(snapshot.setting(TEMP_LIMIT) ?? '-1') >= 0;
  for (const principal of snapshot.principals) {
    for (const name of principal.roles) {
      const role = snapshot.roles.get(name);
      if (!role?.desired) continue;
      for (const [key, value] of Object.entries(role.desired.settings)) {
        if (found.get(name)?.has(key)) continue;
        if (key === TEMP_LIMIT && bounded) continue;
        barred(findings, barOfRole(snapshot, name)).add(key === TEMP_LIMIT ? 'D6' : 'E10', {
          from: principal.name,
          to: null,
          statement: `pg_db_role_setting of role ${name}`,
          answer: `${key} is not set, the manifest says ${shownSetting(key, value)}`,
          stuck: snapshot.limits.setting(key),
          fix: [{ lane: SHARED, statement: setOfRole(name, key, value) }],
        });
      }
    }
  }
}

function checkServer(snapshot: CatalogSnapshot, findings: Findings): void {
  const put = (id: string, name: string, answer: string): void =>
    findings.add(id, {
      from: null,
      to: null,
      statement: `SHOW ${name}`,
      answer,
    });
  for (const name of ['archive_command', 'restore_command', 'archive_cleanup_command', 'recovery_end_command']) {
    const value = snapshot.setting(name);
    if (value !== null && secretCommand(value)) put('P09s', name, 'the command holds what looks like a secret; every login reads it');
  }
  if (/^(on|true|yes|1)$/i.test(snapshot.setting('lo_compat_privileges') ?? ''))
    put('P17', 'lo_compat_privileges', 'on, for all databases');
  if (/^(on|true|yes|1)$/i.test(snapshot.setting('allow_system_table_mods') ?? ''))
    put('E9', 'allow_system_table_mods', 'on, for all sessions');
  if (snapshot.setting('password_encryption') === 'md5') put('H2', 'password_encryption', 'md5');
  if (!snapshot.server[4]) {
    const hidden = ['archive_command', 'restore_command'].filter((name) => snapshot.setting(name) === null);
    if (hidden.length > 0)
      findings.unproven(
        'P09s',
        `SHOW ${hidden.join(', ')}`,
        'not shown to this admin',
        'a secret in it would not be seen',
        snapshot.limits.unread('server-settings'),
      );
  }
}

function checkComments(snapshot: CatalogSnapshot, findings: Findings): void {
  const put = (what: string, name: string, target: string | null, comment: string | null, stuck: Stuck | null): void => {
    findings.judged += 1;
    const { text = '' } = textOf(comment);
    if (!secretText(text)) return;
    const mark = markLine(comment);
    findings.add('P11f', {
      from: null,
      to: target,
      statement: `comment on ${what.toLowerCase()} ${name}`,
      answer: 'it speaks of a secret; every login of every database reads it',
      fix: fixShared(`COMMENT ON ${what} ${ident(name)} IS ${mark === '' ? 'NULL' : literal(mark)}`),
      stuck,
    });
  };
  for (const place of snapshot.places) put('DATABASE', place.database, place.target, place.comment, barOfPlace(snapshot, place));
  for (const role of snapshot.roles.values())
    put('ROLE', role.name, snapshot.principalOf(role.name)?.name ?? role.name, role.comment, barOfRole(snapshot, role.name));
  for (const [name, , , comment] of snapshot.shared.tablespaces) put('TABLESPACE', name, null, comment, OPERATORS_AFFAIR);
}
