import { lookUp } from '../../../../util/record.ts';
import { parseAcl } from '../../acl.ts';
import { ident, roles } from '../../quote.ts';
import { fixInside } from '../findings.ts';
import { type DatabaseContext, targetOf } from '../database-context.ts';
import { type ObjectKind, excess, type Area, probeFor, who, words } from '../rights.ts';
import { taking } from '../taking.ts';

const KINDS: Readonly<Record<string, readonly [ObjectKind, string]>> = {
  r: ['relation', 'TABLES'],
  S: ['sequence', 'SEQUENCES'],
  f: ['function', 'FUNCTIONS'],
  T: ['type', 'TYPES'],
  n: ['schema', 'SCHEMAS'],
  L: ['large object', 'LARGE OBJECTS'],
};

/** What objects will grant that do not exist yet. */
export function checkDefaults(inside: DatabaseContext): void {
  const { snapshot, findings, place, catalog } = inside;
  const closed = new Set<string>();
  for (const [creator, schema, type, items] of catalog.defaults) {
    findings.judged += 1;
    const acl = parseAcl(items);
    if (type === 'f' && schema === '' && acl[''] === undefined) closed.add(creator);
    const [kind, word] = lookUp(KINDS, type) ?? ['relation', type];
    // Nobody makes anything as a role of a retired app, which comes back with it.
    if (snapshot.principalOf(creator)?.kind === 'retired' && snapshot.roles.get(creator)?.login !== true) continue;
    const area = areaOf(inside, creator, schema);
    // PUBLIC has these without a word, and that is spoken of below.
    const builtIn = schema === '' && (type === 'f' ? 'X' : type === 'T' ? 'U' : '');
    for (const [grantee, letters] of Object.entries(acl)) {
      if (grantee === creator || (grantee === '' && letters === builtIn) || (area.owner === null && isTenantOf(inside, grantee))) continue;
      for (const one of excess(snapshot, area, grantee, letters, kind)) {
        // What the operator will make is the operator's to give to strangers.
        if (one.kind === 'foreign' && snapshot.operators.has(creator)) continue;
        const where = schema === '' ? '' : ` IN SCHEMA ${ident(schema)}`;
        findings.add(probeFor('P04f', one), {
          verdict: 'LATENT',
          from: one.from,
          to: targetOf(inside, area),
          statement: `default privileges of ${creator}${schema === '' ? '' : ` in ${schema}`} in ${place.database}`,
          answer: `${who(grantee)} will have ${words(one.letters)} on ${word.toLowerCase()}`,
          ...taking(
            snapshot,
            one.from,
            {
              prefix: `ALTER DEFAULT PRIVILEGES FOR ROLE ${ident(creator)}${where}`,
              on: word,
              what: `${word.toLowerCase()} that ${creator} will make in "${place.database}"`,
              place,
              owner: creator,
              items,
            },
            { grantee, letters: one.letters },
          ),
        });
      }
    }
  }
  checkFunctions(inside, closed);
}

/** Objects of an app's role are the app's, wherever they come to lie; those of the operator belong to the schema they are made in. */
function areaOf(inside: DatabaseContext, creator: string, schema: string): Area {
  const principal = inside.snapshot.principalOf(creator);
  if (principal?.kind === 'app' || principal?.kind === 'retired') return { owner: principal.name };
  return inside.areas.get(schema) ?? { owner: inside.place.app };
}

/** Level rows: the apps' group has rights by default only behind the guard, and gets them table by table. */
function isTenantOf({ place, catalog }: DatabaseContext, grantee: string): boolean {
  return grantee !== '' && place.space?.apps[0]?.placement.isolation === 'schema' && catalog.schemas.length > 0;
}

/** Every role that can create must have lost the EXECUTE that PUBLIC has by default. */
function checkFunctions(inside: DatabaseContext, closed: ReadonlySet<string>): void {
  const { snapshot, findings, place } = inside;
  for (const principal of snapshot.principalsOf(place.database)) {
    if (principal.kind !== 'app' && principal.kind !== 'space') continue;
    const creators = principal.roles.filter((name) => canCreate(inside, name));
    const open = creators.filter((name) => !closed.has(name) && snapshot.roles.has(name));
    if (open.length === 0) continue;
    findings.add('P04f', {
      from: null,
      to: principal.kind === 'app' && place.space?.apps[0]?.placement.isolation !== 'rows' ? principal.name : place.target,
      statement: `default privileges of ${open.join(', ')} in ${place.database}`,
      answer: 'PUBLIC will have EXECUTE on functions',
      fix: fixInside(place.database, `ALTER DEFAULT PRIVILEGES FOR ROLE ${roles(open)} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`),
    });
  }
}

/** Owners, and the logins that act as owners. At level rows only the owner of the shared tables and its migrators. */
function canCreate({ snapshot, place }: DatabaseContext, name: string): boolean {
  const role = snapshot.desired(name);
  if (!role) return false;
  const rows = place.space?.apps[0]?.placement.isolation === 'rows';
  if (rows && snapshot.principalOf(name)?.kind === 'app') return false;
  return (
    role.purpose === 'owner' ||
    (role.purpose === 'login' && Object.keys(role.memberOf).some((group) => snapshot.desired(group)?.purpose === 'owner'))
  );
}
