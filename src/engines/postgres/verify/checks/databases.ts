import type { Findings } from '../../../../engine/index.ts';
import { ident } from '../../quote.ts';
import { fixShared } from '../findings.ts';
import type { Principal } from '../principals.ts';
import { barOfPlace, barred, type Sink } from '../fixable.ts';
import { losingRole, lossOf, withLosses } from '../losing.ts';
import { fewerTogether } from '../../losses/taken.ts';
import { doorOf, revoking, taking } from '../taking.ts';
import { type Excess, only, outsideProbe, probeFor, who, words } from '../rights.ts';
import { accessOf, type Place, type CatalogSnapshot } from '../catalog-snapshot.ts';

/** Databases: who may enter, who owns, what is planted on them. */
export function checkDatabases(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const place of snapshot.places) {
    findings.judged += 1;
    if (!place.allows) continue;
    const sink = barred(findings, barOfPlace(snapshot, place));
    checkOwner(snapshot, sink, place);
    checkLimit(snapshot, sink, place);
    for (const [grantee, letters] of Object.entries(accessOf(place))) {
      if (grantee === place.owner) continue;
      checkGrantee(snapshot, sink, place, grantee, letters);
    }
    if (place.template && place.kind !== 'maintenance' && place.kind !== 'other') {
      sink.add('E6t', {
        from: null,
        to: place.target,
        statement: `pg_database.datistemplate of ${place.database}`,
        answer: 'true',
        fix: fixShared(`ALTER DATABASE ${ident(place.database)} IS_TEMPLATE false`),
      });
    }
  }
}

/** The second bound under the limits of the logins: it holds for roles that nobody thought of. */
function checkLimit(snapshot: CatalogSnapshot, findings: Sink, place: Place): void {
  const limit = snapshot.limitOf(place.database, place.connectionLimit);
  if (limit === null || (place.connectionLimit >= 0 && place.connectionLimit <= limit)) return;
  findings.add('D1', {
    from: place.app,
    to: null,
    statement: `pg_database.datconnlimit of ${place.database}`,
    answer: `${place.connectionLimit}, the manifest comes to ${limit}`,
    fix: withLosses(
      fixShared(`ALTER DATABASE ${ident(place.database)} CONNECTION LIMIT ${limit}`),
      snapshot.logins
        .filter((login) => snapshot.enters(login, place.database))
        .map((login) => lossOf(snapshot, login, fewerTogether(place.database, place.connectionLimit, limit))),
    ),
  });
}

function checkOwner(snapshot: CatalogSnapshot, findings: Sink, place: Place): void {
  if (place.kind === 'other') return;
  for (const { principal, live } of snapshot.holders(place.owner)) {
    const own = place.app === principal.name;
    const waiting = !live && !own;
    const id = outsideProbe(principal.kind) ?? (waiting ? 'G1' : 'P25a');
    if (principal.kind === 'retired' && place.kind === 'retired') continue;
    const fact = {
      from: principal.name,
      to: own ? null : place.target,
      statement: `owner of database ${place.database}`,
      answer: place.owner,
      stuck: principal.kind === 'foreign' ? snapshot.limits.role(place.owner) : null,
      // Whom a maintenance database belongs to is for the operator to say: others may rest on it.
      fix:
        place.kind === 'maintenance'
          ? []
          : losingRole(
              snapshot,
              principal,
              place.owner,
              fixShared(`ALTER DATABASE ${ident(place.database)} OWNER TO CURRENT_USER`),
              `ownership of database "${place.database}"`,
              { kind: 'own' },
            ),
    };
    findings.add(id, fact);
    // An owner has every right on it, whatever its access list says.
    if (id === 'P25a' && !own) for (const one of ['P02', 'S10']) findings.add(one, fact);
  }
}

function checkGrantee(snapshot: CatalogSnapshot, findings: Sink, place: Place, grantee: string, letters: string): void {
  const statement = `access list of database ${place.database}`;
  const options = letters.match(/[a-zA-Z]\*/g) ?? [];
  if (options.length > 0 && grantee !== '' && snapshot.principalOf(grantee)) {
    const privileges = words(options.join(''));
    const holder = snapshot.principalOf(grantee);
    findings.add('P25b', {
      from: holder?.name ?? grantee,
      to: place.target,
      statement,
      answer: `${grantee} may pass on ${privileges}`,
      fix: revoking(snapshot, holder, doorOf(place), { grantee, letters: options.join(''), option: true }),
    });
  }
  for (const one of reachersOf(snapshot, place, grantee, letters)) {
    const put = (id: string, taken: string): void => {
      if (taken === '') return;
      findings.add(probeFor(id, one), {
        from: one.from,
        to: place.target,
        statement,
        answer: `${who(grantee)} has ${words(taken)}`,
        stuck: grantee === '' ? snapshot.limits.database(place) : snapshot.limits.refused(place.owner),
        ...(grantee === ''
          ? { fix: revoking(snapshot, null, doorOf(place), { grantee, letters: taken }) }
          : taking(snapshot, one.from, doorOf(place), { grantee, letters: taken })),
      });
    };
    // A SET ROLE comes too late for the door; the membership itself is spoken of.
    const enter = only(one.letters, 'c');
    if (one.enters || !one.live) put('P01', enter);
    // What follows from the door alone.
    const outside = outsideProbe(one.kind) !== null;
    if (one.enters && !outside) for (const id of place.database === 'template1' ? ['P04', 'P24'] : ['P04']) put(id, enter);
    if (one.live && !outside) put('P07', enter);
    put('P02', only(one.letters, 'T'));
    put('S10', only(one.letters, 'C'));
  }
}

interface Reacher extends Excess {
  readonly enters: boolean;
}

/** Who has more on this database through this grantee than the manifest gives. */
function reachersOf(snapshot: CatalogSnapshot, place: Place, grantee: string, letters: string): readonly Reacher[] {
  if (grantee === '') return [{ from: null, kind: 'public', live: true, enters: true, letters }];
  return snapshot.holders(grantee).flatMap(({ principal, live, enters }): Reacher[] => {
    if (place.kind === 'other' && outsideProbe(principal.kind) !== null) return [];
    // What a stranger has where no app lives is nobody's here.
    if (place.kind === 'maintenance' && principal.kind === 'foreign') return [];
    // A retired app's roles keep what they had in their own database: they cannot log in, and it comes back with them.
    if (place.kind === 'retired' && principal.kind === 'retired')
      return letters.includes('c') ? [{ from: principal.name, kind: 'retired', live, enters, letters: 'c' }] : [];
    // In a database that it shared it keeps the group's door, and no login that could go through.
    if (place.kind === 'space' && principal.kind === 'retired' && !live && letters === 'c') return [];
    const allowed = allowedOn(place, principal);
    const rest = [...letters.replaceAll('*', '')].filter((letter) => !allowed.includes(letter)).join('');
    if (rest === '') return [];
    if (principal.kind === 'space' && principal.databases.has(place.database)) return [];
    return [{ from: principal.name, kind: principal.kind, live, enters, letters: rest }];
  });
}

/** Letters that the manifest gives on this database. */
export function allowedOn(place: Place, principal: Principal): string {
  const { name } = principal;
  // What everybody had there before it was closed, operators keep.
  if (principal.kind === 'operator') return place.app === null && place.kind !== 'space' && place.kind !== 'retired' ? 'cTC' : 'cT';
  if (!principal.databases.has(place.database)) return '';
  if (place.app === name) return 'CTc';
  if (principal.kind === 'reader') return 'c';
  const mine = place.space?.apps.find((one) => one.app === name);
  if (!mine) return 'c';
  const { isolation, relax } = mine.placement;
  const temporary = isolation === 'rows' ? place.space?.apps.some((one) => one.placement.relax.temporary) : relax.temporary;
  return `c${temporary ? 'T' : ''}${isolation === 'schema' && relax.createOnDatabase ? 'C' : ''}`;
}
