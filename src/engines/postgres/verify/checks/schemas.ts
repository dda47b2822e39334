import type { Fix } from '../../../../model/index.ts';
import { ident } from '../../quote.ts';
import { rowSpaceNames } from '../../compile/spaces.ts';
import { fixInside, handOver } from '../findings.ts';
import { entryProbe, type DatabaseContext, targetOf } from '../database-context.ts';
import type { Place } from '../catalog-snapshot.ts';
import { losingOwner } from '../losing.ts';
import { spaced } from '../../part-name.ts';
import { type Listed, taking, underOf } from '../taking.ts';
import { aclOf, type Excess, excess, excessOn, type Area, only, outsideProbe, probeFor, who, words } from '../rights.ts';

/** Schemas: who may enter, who may create, whose they are. */
export function checkSchemas(inside: DatabaseContext): void {
  const { snapshot, findings, place, catalog } = inside;
  for (const [schema, owner, items, , byExtension] of catalog.schemas) {
    if (byExtension || schema === 'cotenant' || !inside.areas.has(schema)) continue;
    findings.judged += 1;
    const area = inside.areas.get(schema) ?? { owner: null };
    const target = targetOf(inside, area);
    const statement = `access list of schema ${schema} in ${place.database}`;
    checkOwner(inside, schema, owner);
    for (const [grantee, letters] of Object.entries(aclOf(items, {}))) {
      if (grantee === owner) continue;
      // Everybody in the database may use what the operator laid out for all.
      const risky = area.owner === null ? only(letters, 'C') : letters;
      // Before 15 `public` belongs to the superuser, and is where the app's sessions find what anybody makes in it all the same.
      const all =
        schema === 'public' && grantee === ''
          ? excess(snapshot, area, grantee, risky, 'schema')
          : excessOn(snapshot, area, owner, grantee, risky, 'schema');
      for (const one of snapshot.opened.beyond(area.owner, [schema], all)) {
        if (area.owner === null && isMigrator(inside, one.from)) continue;
        // What a stranger has by name where no app lives is nobody's here, as on the database itself, and an operator keeps it there.
        if (place.kind === 'maintenance' && (one.kind === 'foreign' || one.kind === 'operator')) continue;
        const put = (id: string, taken: string): void => {
          if (taken === '') return;
          findings.add(probeFor(id, one), {
            from: one.from,
            to: target,
            statement,
            answer: `${who(grantee)} has ${words(taken)}`,
            stuck: schema === 'public' ? snapshot.limits.publicSchema(place, owner, grantee) : null,
            ...taking(snapshot, one.from, schemaList(place, schema, owner, items), { grantee, letters: taken }),
          });
        };
        put('P03', only(one.letters, 'C'));
        put(entryProbe(inside), only(one.letters, 'U'));
      }
    }
  }
}

function schemaList(place: Place, schema: string, owner: string, items: readonly string[] | null): Listed {
  const server = { pg_read_all_data: 'U', pg_write_all_data: 'U' };
  return {
    on: `SCHEMA ${ident(schema)}`,
    what: `schema "${schema}" of "${place.database}"`,
    place,
    owner,
    items,
    server,
    space: ident(schema),
  };
}

/** True where it belongs to a role that should own it. A read-only group should own nothing: readers are in it. */
export function isSettled({ snapshot, place }: DatabaseContext, area: Area, owner: string): boolean {
  const holder = snapshot.principalOf(owner);
  if (area.owner !== null) return holder?.name === area.owner && snapshot.desired(owner)?.purpose !== 'read-only';
  if (holder === null) return true;
  return holder.kind === 'space' && holder.roles.length > 1 && holder.databases.has(place.database);
}

/** The owner of the shared tables and its migrators may do what they like in their own database. */
export function isMigrator({ snapshot, place }: DatabaseContext, name: string | null): boolean {
  const principal = snapshot.named(name);
  return principal?.kind === 'space' && principal.databases.has(place.database) && principal.roles.length > 1;
}

function checkOwner(inside: DatabaseContext, schema: string, owner: string): void {
  const { snapshot, findings, place } = inside;
  const area = inside.areas.get(schema) ?? { owner: null };
  // From 15 on `public` belongs to whoever owns the database, under this name.
  const byDatabase = owner === 'pg_database_owner';
  const real = byDatabase ? place.owner : owner;
  for (const one of excess(snapshot, area, real, 'CU', 'schema')) {
    if (isMigrator(inside, one.from)) continue;
    const statement = `owner of schema ${schema} in ${place.database}`;
    const fact = { from: one.from, to: targetOf(inside, area), statement, ...underOf(snapshot, one.from, real) };
    if (one.live && outsideProbe(one.kind) === null) {
      // An owner has every right on it, whatever its access list says.
      findings.add('P03', { ...fact, answer: `${real}, whose rights it has` });
      if (place.kind === 'space' && area.owner !== null) findings.add('S01', { ...fact, answer: `${real}, whose rights it has` });
    }
    // Whoever reaches the right owner is told of by the membership, and the owner of a database by that.
    if (byDatabase || isSettled(inside, area, real)) continue;
    findings.add(probeFor('S12', one), { ...fact, answer: real, fix: ownerFix(inside, [schema, real], area, one) });
  }
}

/** Who owns a schema may drop what lies in it: a stranger's stays theirs, and nobody's is dropped. */
function ownerFix(inside: DatabaseContext, [schema, owner]: readonly [string, string], area: Area, { kind, from }: Excess): readonly Fix[] {
  const { snapshot, place } = inside;
  if (schema === 'public' && area.owner === null) return fixInside(place.database, operatorsPublic(snapshot.version));
  const to = ownerFor(inside, area.owner);
  return to === null || kind === 'foreign' || kind === 'retired'
    ? []
    : losingOwner(
        snapshot,
        snapshot.named(from),
        { owner, to, things: [spaced(place.database, ident(schema))] },
        fixInside(place.database, handOver('SCHEMA', ident(schema), to)),
        `ownership of schema "${schema}" of "${place.database}"`,
      );
}

/** A schema itself runs nothing: the one that every database has goes back to where it came from. */
function operatorsPublic(version: number): string {
  return `ALTER SCHEMA "public" OWNER TO ${version >= 150000 ? 'pg_database_owner' : 'CURRENT_USER'}`;
}

/** The role that owns what is in an app's area; null: there is none. */
export function ownerFor({ snapshot, place }: DatabaseContext, app: string | null): string | null {
  if (app === null && place.space?.apps[0]?.placement.isolation === 'rows') return rowSpaceNames(place.space).owner;
  return snapshot.named(app)?.roles.find((name) => snapshot.desired(name)?.purpose === 'owner') ?? null;
}
