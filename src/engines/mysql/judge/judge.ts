import { checkBudget, type Observation } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import { demands } from '../compile/budget.ts';
import { compile } from '../compile/compile.ts';
import { databasesCalled, mentionsIn } from '../observe/mentions.ts';
import { judgeHanded } from '../steps/handed.ts';
import { judgeClaims } from './claims.ts';
import { Draft, type Input } from '../compile/draft.ts';
import { censusIn } from '../observe/census.ts';
import { type Facts, factsOf } from '../observe/facts.ts';
import { shown } from '../grants.ts';
import { byRole } from '../kinds/perimeter.ts';
import { ACCOUNT_LIMIT, namesOf } from '../names.ts';
import { judgeLimits, keptLimits } from './limits.ts';
import { grantsOfWords, isCalled, lacking } from './people.ts';
import { grantsOf, pairsOf } from '../shares.ts';
import { isKind } from '../spec.ts';

/** What only the server can tell: whether the limits fit, which version it is, what it lacks, what this admin cannot do. */
export function judge(input: Input, observation: Observation): readonly Diagnostic[] {
  const draft = new Draft(input);
  const facts = factsOf(observation.server);
  const max = facts.maxConnections;
  const { reserve } = input.config.connections;
  if (max > 0)
    checkBudget(draft, demands(input, keptLimits(input, observation)), max - reserve, `max_connections ${max} − reserve ${reserve}`);
  judgeLimits(draft, observation);
  judgeVersion(draft, facts);
  judgeNames(draft, facts);
  judgeClaims(draft, observation);
  judgeHanded(draft, observation);
  judgeCode(draft, facts);
  judgeRoutines(draft, facts);
  judgeShares(draft, observation);
  judgePerimeter(draft, observation);
  judgeOperators(draft, observation);
  judgeAdmin(draft, facts);
  return draft.done().diagnostics;
}

function judgeVersion(draft: Draft, { version, release, flavor }: Facts): void {
  const where = `"${draft.input.name}" runs ${release}`;
  const [oldest, shownOldest] = flavor === 'mariadb' ? [101100, 'MariaDB 10.11'] : [80400, 'MySQL 8.4'];
  if (version < oldest) draft.error('CT2015', `${where}; cotenant needs ${shownOldest} or later`, draft.input.path, 'upgrade the server');
  if (flavor === 'mysql') {
    for (const { app, placement, path } of draft.input.placements) {
      if (placement.statementTimeout === undefined) continue;
      const hint = 'set max_execution_time in the sessions of the app; no server of this kind binds an account to it';
      draft.warn('CT2020', `app "${app}": statementTimeout has no effect on MySQL`, [...path, 'statementTimeout'], hint);
    }
  }
}

function judgeNames(draft: Draft, { flavor, lowerCaseNames }: Facts): void {
  const limit = flavor === 'mariadb' ? Number.POSITIVE_INFINITY : ACCOUNT_LIMIT;
  const seen = new Set<string>();
  for (const one of compile(draft.input).resources) {
    const path = one.path ?? draft.input.path;
    if (isKind(one, 'account') && one.spec.user.length > limit && !seen.has(one.spec.user)) {
      seen.add(one.spec.user);
      draft.error(
        'CT2002',
        `account "${one.spec.user}" has ${one.spec.user.length} characters; MySQL holds ${limit}`,
        path,
        'set `names.login`',
      );
    }
    if (isKind(one, 'database') && lowerCaseNames > 0 && one.address.name !== one.address.name.toLowerCase()) {
      const why = `database "${one.address.name}": this server stores database names in lower case (lower_case_table_names)`;
      draft.error('CT2003', why, path, 'write it in lower case');
    }
  }
}

function judgeShares(draft: Draft, { server }: Observation): void {
  const { missing } = factsOf(server);
  for (const pair of pairsOf(draft.input)) {
    const lacking = Object.keys(grantsOf(pair)).filter((key) => missing.has(key));
    if (lacking.length === 0) continue;
    draft.warn(
      'CT2025',
      `app "${pair.from}" has no ${lacking.map(shown).join(', ')} to share with "${pair.to}" yet`,
      pair.path,
      'run apply again once it exists; only tables can be shared, because a view runs with the privileges of its definer',
    );
  }
}

function judgePerimeter(draft: Draft, { resources }: Observation): void {
  if (draft.input.config.perimeter === 'close') return;
  const found = resources.find((one) => isKind(one, 'perimeter'));
  if (!found || !isKind(found, 'perimeter')) return;
  const doors = [
    ...found.spec.anonymous.map((host) => `an anonymous account from ${host}`),
    ...Object.keys({ ...found.spec.everybody, ...found.spec.rows }).map((key) => `rights of everybody on ${shown(key)}`),
    ...Object.entries(found.spec.roles).flatMap(([role, grants]) =>
      Object.keys(grants).map((target) => `rights of ${byRole(role, shown(target))}`),
    ),
  ];
  if (doors.length === 0) return;
  draft.warn('CT2012', `"${draft.input.name}" has ${doors.join(', ')}`, draft.input.path, '`perimeter: close` on the instance ends them');
}

/** With a binary log the server wants SUPER of whoever makes a function or a trigger, unless it is told to trust them. */
function judgeRoutines(draft: Draft, { routinesRefused }: Facts): void {
  if (!routinesRefused || draft.input.placements.length === 0) return;
  const message = `no app of "${draft.input.name}" can create triggers or functions (error 1419): log_bin is on and log_bin_trust_function_creators is off`;
  draft.warn(
    'CT2065',
    message,
    draft.input.path,
    'set log_bin_trust_function_creators=1 in the configuration of the server; with binlog_format=ROW, the default, that is safe',
  );
}

/** What the server runs in every session but an administrator's may be a tenant's. */
function judgeCode(draft: Draft, { initConnect, lowerCaseNames }: Facts): void {
  const databases = databasesCalled(
    draft.input.placements.map(({ app, placement }) => namesOf(app, placement).database),
    lowerCaseNames,
  );
  const found = [...new Set(mentionsIn(initConnect, databases).map(({ database, name }) => `${database}.${name}`))];
  if (found.length === 0) return;
  const message = `init_connect of "${draft.input.name}" runs ${found.join(', ')} in every session, the operator's included where it lacks CONNECTION_ADMIN`;
  draft.error('CT2064', message, draft.input.path, 'remove it from init_connect: code that an app can change must not run as other users');
}

/** A login of the operator has to be there, and may have more than the manifest says. */
function judgeOperators(draft: Draft, observation: Observation): void {
  const facts = factsOf(observation.server);
  for (const { name, may, path } of draft.input.operators) {
    const found = observation.resources.find((one) => isKind(one, 'operator') && one.address.name === name);
    if (!found || !isKind(found, 'operator')) {
      const hint = 'create it first (CREATE USER), or remove it: cotenant does not create logins for operators';
      draft.error('CT2060', `the operator "${name}" has no account on "${draft.input.name}"`, path, hint);
      continue;
    }
    const whose = tenantCalled(name, observation);
    if (whose !== null) {
      const message = `the operator "${name}" of "${draft.input.name}" is the login of ${whose}: an app is granted nothing of what an operator may do`;
      draft.error('CT2006', message, path, 'create an account of its own for the operator (CREATE USER)');
      continue;
    }
    const wanted = grantsOfWords(may, facts);
    for (const [account, grants] of Object.entries(found.spec.accounts)) {
      const more = Object.entries(lacking(grants, wanted)).map(([target, privileges]) => `${privileges} on ${shown(target)}`);
      if (more.length === 0) continue;
      const hint = 'it is not revoked: add a word to `may`, or revoke it by hand';
      draft.warn('CT2061', `the operator's login ${account} has more privileges than "${may.join(', ')}": ${more.join('; ')}`, path, hint);
    }
  }
}

/** The app, of whatever project, retired ones included, that has an account called so; null: none. */
function tenantCalled(name: string, observation: Observation): string | null {
  const { accounts, theirs } = censusIn(observation);
  const projects = new Map(theirs);
  for (const { key, of, ...login } of accounts) {
    if (!isCalled(name, login)) continue;
    const project = projects.get(`account/${key}`);
    if (project !== undefined) return `an app of project "${project}"`;
    if (of !== null) return `app "${of}"`;
  }
  return null;
}

/** What the operator's own account must be able to do. */
const NEEDED: readonly string[] = ['CREATE USER', 'GRANT OPTION', 'CREATE', 'SELECT', 'PROCESS'];

function judgeAdmin(draft: Draft, { admin, adminMay, flavor }: Facts): void {
  const may = new Set(adminMay);
  const lacking = NEEDED.filter((one) => !may.has(one));
  const kills = flavor === 'mariadb' ? ['CONNECTION ADMIN', 'SUPER'] : ['CONNECTION_ADMIN', 'SUPER'];
  if (!kills.some((one) => may.has(one))) lacking.push(kills[0] ?? '');
  if (lacking.length === 0) return;
  draft.warn(
    'CT2008',
    `the admin ${admin} of "${draft.input.name}" lacks ${lacking.join(', ')}`,
    draft.input.path,
    'without them some walls cannot be built, and sessions of apps cannot be ended',
  );
}
