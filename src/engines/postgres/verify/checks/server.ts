import type { Findings } from '../../../../engine/index.ts';
import { ident } from '../../quote.ts';
import { parseAcl } from '../../acl.ts';
import { endRoles, endStrangers } from '../../steps/sessions.ts';
import { fixShared } from '../findings.ts';
import { outsideProbe, words } from '../rights.ts';
import { losingRole } from '../losing.ts';
import { taking } from '../taking.ts';
import { barOfPlace, type Sink } from '../fixable.ts';
import type { SubscribedRow } from '../../queries/links.ts';
import type { CatalogSnapshot, Place } from '../catalog-snapshot.ts';
import { laneOf, SHARED } from '../../connect/lanes.ts';

/** The oldest release of each major that has no known hole in what the walls stand on. */
const FLOORS: Readonly<Record<number, number>> = { 14: 21, 15: 16, 16: 12, 17: 8, 18: 2 };

/** The server itself, and what is alive in it. */
export function checkServer(snapshot: CatalogSnapshot, findings: Findings): void {
  checkVersion(snapshot, findings);
  checkParameters(snapshot, findings);
  checkSessions(snapshot, findings);
  checkShared(snapshot, findings);
}

/** The release that is at least needed, as `18.2`; null: this one (as `180004`) will do; `none`: its major is no longer supported. */
export function floorOf(version: number): string | null {
  const major = Math.trunc(version / 10000);
  const floor = FLOORS[major];
  if (major > 18 || (floor !== undefined && version % 10000 >= floor)) return null;
  return floor === undefined ? 'none' : `${major}.${floor}`;
}

function checkVersion(snapshot: CatalogSnapshot, findings: Findings): void {
  const floor = floorOf(snapshot.version);
  if (floor === null) return;
  const answer = `${snapshot.server[9]}: ${floor === 'none' ? 'this major version is no longer supported' : `at least ${floor} is needed`}`;
  findings.add('V1', { from: null, to: null, statement: 'SHOW server_version', answer });
}

/** From 15 on: rights on parameters that are kept for superusers. */
function checkParameters(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const [parameter, items] of snapshot.shared.parameters) {
    for (const [grantee, letters] of Object.entries(parseAcl(items))) {
      findings.judged += 1;
      const from = grantee === '' ? [null] : snapshot.holders(grantee).map(({ principal }) => principal.name);
      for (const one of from)
        findings.add('E12', {
          from: one,
          to: null,
          statement: `pg_parameter_acl of ${parameter}`,
          answer: `${grantee === '' ? 'PUBLIC' : grantee} has ${words(letters)}`,
          stuck: (snapshot.named(one)?.kind === 'foreign' ? snapshot.limits.role(grantee) : null) ?? snapshot.limits.refused(null),
          ...taking(
            snapshot,
            one,
            {
              on: `PARAMETER ${parameter.split('.').map(ident).join('.')}`,
              what: `parameter ${parameter}`,
              place: null,
              owner: '',
              items,
            },
            { grantee, letters },
          ),
        });
    }
  }
}

/** A session keeps what it had when it began. Whoever could not open it now should not have it. */
function checkSessions(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const [name, database, count] of snapshot.shared.sessions) {
    const principal = snapshot.principalOf(name);
    const role = snapshot.roles.get(name);
    const place = snapshot.place(database);
    if (!role || role.superuser || !place || (!principal && snapshot.operators.has(name))) continue;
    findings.judged += 1;
    const stranger = principal?.kind === 'foreign' || principal?.kind === 'operator';
    if (stranger && place.kind === 'other') continue;
    const closed = !role.login
      ? 'its role has no LOGIN'
      : role.expired
        ? 'its role has expired'
        : snapshot.enters(name, database)
          ? null
          : 'its role has no CONNECT on the database';
    if (closed === null) continue;
    findings.add('Z1', {
      from: principal?.name ?? name,
      to: place.app === principal?.name ? null : place.target,
      statement: `pg_stat_activity: ${name} in ${database}`,
      answer: `${count} session${count > 1 ? 's' : ''}; ${closed}`,
      fix: losingRole(
        snapshot,
        principal,
        name,
        [{ lane: SHARED, statement: role.login && !role.expired ? endStrangers(database, [name]) : endRoles([name]) }],
        `the sessions that are open in database "${database}"`,
        { kind: 'own' },
      ),
      stuck: principal === null ? null : barOfPlace(snapshot, place),
    });
  }
  for (const [name] of snapshot.shared.senders) {
    const principal = snapshot.principalOf(name);
    if (!principal || outsideProbe(principal.kind) !== null) continue;
    findings.add('E8', {
      from: principal.name,
      to: null,
      statement: 'pg_stat_replication',
      answer: `${name} receives the write-ahead log`,
      fix: [{ lane: SHARED, statement: endRoles([name]) }],
    });
  }
}

function checkShared(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const [name, owner, items] of snapshot.shared.tablespaces) {
    for (const { principal } of snapshot.holders(owner))
      findings.add('E9', {
        from: principal.name,
        to: null,
        statement: `owner of tablespace ${name}`,
        answer: owner,
        fix: snapshot.isOurs(owner) ? fixShared(`ALTER TABLESPACE ${ident(name)} OWNER TO CURRENT_USER`) : [],
      });
    for (const grantee of Object.keys(items === null ? {} : parseAcl(items))) {
      for (const one of grantee === '' ? [null] : snapshot.holders(grantee).map(({ principal }) => principal.name))
        findings.add('E9', {
          from: one,
          to: null,
          statement: `access list of tablespace ${name}`,
          answer: `${grantee === '' ? 'PUBLIC' : grantee} has CREATE`,
          why: 'Tables in it are outside what is watched and bounded for the app.',
          ...taking(
            snapshot,
            one,
            { on: `TABLESPACE ${ident(name)}`, what: `tablespace ${name}`, place: null, owner, items },
            { grantee, letters: 'C' },
          ),
        });
    }
  }
  for (const row of snapshot.shared.subscriptions) {
    const [name, owner, database] = row;
    checkPulled(snapshot, findings, row);
    for (const { principal } of snapshot.holders(owner))
      findings.add('E9', {
        from: principal.name,
        to: snapshot.place(database)?.target ?? database,
        statement: `owner of subscription ${name} in ${database}`,
        answer: owner,
        why: 'The server connects to where the app says, with its own address.',
        fix: !snapshot.isOurs(owner) ? [] : [{ lane: laneOf(database), statement: { text: `ALTER SUBSCRIPTION ${ident(name)} DISABLE` } }],
      });
  }
}

/** A subscription brings an app's rows into the database of another one, or of somebody whom the manifest does not name, whoever made it. */
function checkPulled(snapshot: CatalogSnapshot, findings: Sink, [name, , database, from, host, , login, enabled]: SubscribedRow): void {
  const [here, there] = [snapshot.place(database), snapshot.place(from ?? login ?? '')];
  if (!here || !there || there.kind === 'other' || here.target === there.target) return;
  const isLocal = host === null || /^(\/|@|127\.|localhost$|::1$|$)/.test(host);
  if (!isLocal || !['app', 'space', 'other'].includes(here.kind) || !['app', 'space', 'retired'].includes(there.kind)) return;
  if (here.kind === 'other') {
    checkPulledOut(snapshot, findings, [name, enabled], [here, there]);
    return;
  }
  findings.add('E9', {
    from: here.target,
    to: there.target,
    ...(enabled ? {} : { verdict: 'LATENT' as const }),
    statement: `subscription ${name} in ${database}`,
    answer: `it brings what is written in ${there.database} into ${database}${enabled ? '' : ', once somebody enables it'}`,
    why: 'Rows of one app come into tables of another one.',
    stuck: { accepted: false, why: `DROP SUBSCRIPTION ${ident(name)}, in ${database}, ends it.` },
  });
}

/** What comes into a database that the manifest does not name is read by whoever has that. The operator's own is the operator's. */
function checkPulledOut(
  snapshot: CatalogSnapshot,
  findings: Sink,
  [name, enabled]: readonly [string, boolean],
  [here, there]: readonly [Place, Place],
): void {
  const isMeant = snapshot.principalOf(here.owner)?.kind !== 'foreign' || snapshot.input.known.some(({ user }) => user === here.owner);
  findings.add('E9', {
    from: isMeant ? null : here.owner,
    to: there.target,
    ...(isMeant ? { verdict: 'RESIDUAL' as const } : enabled ? {} : { verdict: 'LATENT' as const }),
    statement: `subscription ${name} in ${here.database}`,
    answer: `it brings what is written in ${there.database} into ${here.database}, which belongs to ${here.owner}${enabled ? '' : ', once somebody enables it'}`,
    why: 'Rows of an app come into a database that the manifest does not name.',
    ...(isMeant
      ? {}
      : {
          stuck: {
            accepted: false,
            why: `DROP SUBSCRIPTION ${ident(name)}, in ${here.database}, ends it; where it is meant, name "${here.owner}" under \`known\` or \`operators\`.`,
          },
        }),
  });
}
