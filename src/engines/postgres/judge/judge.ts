import { checkBudget, type Observation } from '../../../engine/index.ts';
import { addressKey, type Diagnostic } from '../../../model/index.ts';
import { demands } from '../compile/budget.ts';
import { compile } from '../compile/compile.ts';
import { Draft, type Input } from '../compile/draft.ts';
import { partOf } from '../part-name.ts';
import { judgeAdmin } from './admin.ts';
import { judgeClosedFunctions } from './closed-functions.ts';
import { judgeStaying } from './code.ts';
import { judgeLimits, keptLimits } from './limits.ts';
import { judgeOwnerGroups } from './owner-groups.ts';
import { judgePeople } from './people.ts';
import { judgeService, serviceOf } from './service.ts';
import { judgeShares } from './shares.ts';
import { isKind } from '../spec.ts';
import { judgeStandby } from './standby.ts';
import { factsOf } from '../kinds/kind.ts';

/** The oldest and the newest major that the tests run on. */
const OLDEST = 14;
const NEWEST = 18;
const SHOWN = 3;

/** The minor release of each major without which known flaws break the walls: the security release of February 2026. */
const FLOORS: Readonly<Record<number, number>> = { 14: 21, 15: 16, 16: 12, 17: 8, 18: 2 };

/** What only the server can tell: whether the limits fit, which version it is, what it lacks, what this admin cannot do. */
export function judge(input: Input, observation: Observation): readonly Diagnostic[] {
  const follows = judgeStandby(input, observation);
  if (follows.length > 0) return follows;
  const draft = new Draft(input);
  const { maxConnections: max, reservedConnections: reserved, version, release } = factsOf(observation.server);
  const { reserve } = input.config.connections;
  const { resources } = compile(input);
  const asked = demands(input, keptLimits(resources, observation));
  checkBudget(draft, asked, max - reserved - reserve, `max_connections ${max} − reserved ${reserved} − reserve ${reserve}`);
  judgeVersion(draft, version, release);
  judgeExtensions(draft, observation);
  judgeForeign(draft, observation);
  judgeService(draft, observation);
  judgeAdmin(draft, resources, observation);
  judgeClosedFunctions(draft, resources, observation);
  judgeLimits(draft, resources, observation);
  judgePeople(draft, resources, observation);
  judgeStaying(draft, observation);
  judgeOwnerGroups(draft, observation);
  judgeShares(draft, observation);
  return draft.done().diagnostics;
}

function judgeVersion(draft: Draft, version: number, release: string): void {
  const major = Math.floor(version / 10_000);
  const minor = version % 10_000;
  const where = `"${draft.input.name}" runs PostgreSQL ${release}`;
  if (major < OLDEST) {
    draft.error('CT2015', `${where}; cotenant needs ${OLDEST} or later`, draft.input.path, 'upgrade the server');
  } else if (major > NEWEST) {
    draft.warn('CT2015', `${where}; cotenant is tested up to ${NEWEST}`, draft.input.path, 'test it on a copy first');
  } else if (minor < (FLOORS[major] ?? 0)) {
    draft.warn(
      'CT2015',
      `${where}, which lacks security fixes that the walls depend on: ${major}.${FLOORS[major]} is the oldest that has them`,
      draft.input.path,
      `update to the latest ${major}.x`,
    );
  }
}

function judgeExtensions(draft: Draft, observation: Observation): void {
  const found = new Map(observation.resources.map((one) => [addressKey(one.address), one]));
  const desired = compile(draft.input).resources.filter((one) => isKind(one, 'extension'));
  const wanted = new Set(desired.map((one) => one.address.name));
  for (const one of desired) {
    const [database, name] = partOf(one.address.name);
    const path = one.path ?? draft.input.path;
    const has = found.get(addressKey(one.address));
    if (!has || !isKind(has, 'extension')) {
      draft.error(
        'CT2009',
        `extension "${name}" for database "${database}" is not on the server "${draft.input.name}"`,
        path,
        "install the server's package for it, or remove it from the list",
      );
      continue;
    }
    if (has.spec.installed) continue;
    if (!has.spec.installable)
      draft.warn(
        'CT2008',
        `extension "${name}" of database "${database}" can only be installed by a superuser`,
        path,
        `have one run, in ${database}: CREATE EXTENSION "${name}"`,
      );
    const prefix = one.address.name.slice(0, one.address.name.indexOf('/') + 1);
    const lacking = has.spec.requires.filter((other) => !wanted.has(prefix + other) && other !== 'plpgsql');
    if (lacking.length > 0) draft.error('CT2009', `extension "${name}" needs ${lacking.join(', ')}`, path, 'add it to the list');
    const { planted = [] } = has.spec;
    if (planted.length > 0)
      draft.error(
        'CT2038',
        `extension "${name}" of database "${database}" is not installed among ${planted.slice(0, SHOWN).join(', ')}${planted.length > SHOWN ? ` and ${planted.length - SHOWN} more` : ''}`,
        path,
        'its script runs as a superuser and could call them: have the app drop or rename them while it is installed, or install it yourself in a schema of your own',
      );
  }
}

function judgeForeign(draft: Draft, observation: Observation): void {
  const closing = draft.input.config.foreignDatabases === 'close';
  const { databases } = serviceOf(draft.input.config);
  for (const one of observation.resources) {
    if (!isKind(one, 'perimeter') || one.owned || one.spec.publicDatabase?.includes('c') !== true) continue;
    const beyond = one.spec.beyond.includes('database');
    if ((closing && !beyond) || (beyond && databases.includes(one.address.name))) continue;
    draft.warn(
      'CT2012',
      `database "${one.address.name}" is not in this manifest, and every login of "${draft.input.name}" can connect to it`,
      draft.input.path,
      beyond
        ? 'have its owner or a superuser revoke CONNECT from PUBLIC'
        : '`foreignDatabases: close` on the instance revokes CONNECT and TEMPORARY there from PUBLIC; grant CONNECT to those who need it first',
    );
  }
}
