import { checkServersOwn } from './servers-own.ts';
import { BY_HAND } from './holdings.ts';
import { checkSchemas } from './schemas.ts';
import { named } from '../findings.ts';
import { accessOf } from '../catalog-snapshot.ts';
import type { DatabaseContext } from '../database-context.ts';
import { doorOf, revoking } from '../taking.ts';

/** `postgres` and `template1`: nothing of an app’s lies there, and nobody may lay anything there. */
export function checkMaintenance(inside: DatabaseContext): void {
  const { snapshot, findings, place, catalog } = inside;
  checkServersOwn(inside);
  // Before 15 every login may create in `public`; behind a closed door that is nothing.
  const entered = Object.entries(accessOf(place)).some(
    ([grantee, letters]) =>
      grantee !== place.owner &&
      letters.includes('c') &&
      (grantee === '' || snapshot.holders(grantee).some(({ principal }) => principal.kind !== 'operator' && principal.kind !== 'foreign')),
  );
  if (entered || place.database === 'postgres') checkSchemas(inside);
  const messages = catalog.families.filter(
    ([family, , acl]) => family === 'logical-messages' && (acl === null || acl.some((item) => item.startsWith('='))),
  );
  if (entered && messages.length > 0)
    findings.add('P20', {
      from: null,
      to: place.target,
      statement: `access list of pg_logical_emit_message in ${place.database}`,
      answer: 'PUBLIC may call it, and somebody may connect',
      stuck: snapshot.limits.database(place),
      fix: revoking(snapshot, null, doorOf(place), { grantee: '', letters: 'c' }),
    });
  const owned = [
    ...catalog.relations.map(([schema, , owner, , , , names]) => ({
      owner,
      names: names.map((name) => `${schema}.${name}`),
      word: 'TABLE',
    })),
    ...catalog.functions.map((row) => ({ owner: row[1], names: row[12], word: 'ROUTINE' })),
    ...catalog.types.map(([, owner, , names]) => ({ owner, names, word: 'TYPE' })),
    ...catalog.schemas.map(([name, owner]) => ({ owner, names: [name], word: 'SCHEMA' })),
  ];
  for (const { owner, names, word } of owned) {
    findings.judged += names.length;
    for (const { principal } of snapshot.holders(owner)) {
      // Where no app lives, what a stranger laid out for itself is its own.
      if (place.database === 'postgres' && (principal.kind === 'foreign' || principal.kind === 'operator')) continue;
      findings.add(place.database === 'template1' ? 'P23' : 'S12', {
        from: principal.name,
        to: place.target,
        statement: `${word.toLowerCase()} ${named(names)} in ${place.database}`,
        answer: `owned by ${owner}`,
        stuck: BY_HAND,
      });
    }
  }
}
