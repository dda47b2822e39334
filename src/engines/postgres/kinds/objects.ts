import { field, sql } from '../../../engine/index.ts';
import type { FieldChange, Command } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { type Acl, aclDelta, grantText, privilegeWords, revokeText, sameAcl } from '../acl.ts';
import { ownedBy } from '../effective/grants.ts';
import { expectedAcl, ownerLetters } from '../compile/policy.ts';
import { ident } from '../quote.ts';
import { listsField } from './access-fields.ts';
import type { ObjectClass, ObjectsSpec } from '../spec.ts';
import { type Facts, keptByOthers, type Kind } from './kind.ts';

/** Objects in one statement: long lists hold their locks together. */
const CHUNK = 200;
const SHOWN = 3;

/** Owner and access of everything that an app has made, object by object. What somebody else made is theirs; see strange.ts. */
export const objects: Kind<ObjectsSpec> = {
  reversible: false,
  diff(desired, observed, facts) {
    return observed.classes.flatMap((found): FieldChange[] => {
      const fields: FieldChange[] = [];
      const what = `${found.type === 'other' ? found.word.toLowerCase() : found.type} ${found.names.slice(0, SHOWN).join(', ')}${found.names.length > SHOWN ? ` and ${found.names.length - SHOWN} more` : ''}`;
      if (ownerDiffers(desired, found)) fields.push(field(`owner of ${what}`, found.owner, desired.owner));
      const want = expectedAcl(desired, found, facts.version);
      const have = currentAcl(desired, found, facts.version);
      if (want && !sameAcl(want, have))
        fields.push(
          listsField(
            `access to ${found.type === 'column' ? `${what} ${found.word}` : what}`,
            want,
            have,
            ownerLetters(found.type, facts.version),
          ),
        );
      return fields;
    });
  },
  statements(_name, from, to, facts) {
    const grants: Command[] = [];
    const revokes: Command[] = [];
    const classes = from?.classes ?? [];
    const handed = classes.filter((found) => ownerDiffers(to, found));
    // A view reads with the rights of its owner: until all have the new one, it may use what still has the old one.
    for (const found of handed.filter(({ type }) => type !== 'type' && type !== 'other')) {
      for (const names of chunks(found.names)) grants.push(sql(`GRANT ALL ON ${objectWords[found.type]} ${names} TO ${ident(to.owner)}`));
    }
    for (const found of handed) {
      for (const name of found.names)
        grants.push(sql(`ALTER ${found.type === 'function' ? 'ROUTINE' : found.word} ${name} OWNER TO ${ident(to.owner)}`));
    }
    for (const found of classes) access(to, found, facts, grants, revokes);
    revokes.push(...columnsAgain(to, classes, facts));
    return { grants, revokes, ...(handed.length > 0 ? { risk: 'blocking' as const } : {}) };
  },
};

/** Relations that get another owner: nobody else may use them at that moment. */
export function handedRelations(desired: ObjectsSpec, observed: ObjectsSpec): readonly string[] {
  const classes = observed.classes.filter((found) => ['table', 'view', 'sequence'].includes(found.type) && ownerDiffers(desired, found));
  return classes.flatMap(({ names }) => names);
}

/** What is not as it should be. `gives`: it only lacks rights. */
export function differing(
  desired: ObjectsSpec,
  observed: ObjectsSpec,
  version: number,
): readonly { readonly found: ObjectClass; readonly gives: boolean }[] {
  return observed.classes.flatMap((found) => {
    const want = expectedAcl(desired, found, version);
    const have = currentAcl(desired, found, version);
    const handed = ownerDiffers(desired, found);
    if (!handed && (!want || sameAcl(want, have))) return [];
    return [{ found, gives: !handed && want !== null && aclDelta(want, have).revokes.length === 0 }];
  });
}

/** PostgreSQL's words in GRANT and REVOKE. */
export const objectWords: Readonly<Record<ObjectClass['type'], string>> = {
  schema: 'SCHEMA',
  table: 'TABLE',
  view: 'TABLE',
  sequence: 'SEQUENCE',
  function: 'ROUTINE',
  type: 'TYPE',
  column: 'TABLE',
  'large object': 'LARGE OBJECT',
  other: '',
};

function chunks(names: readonly string[]): readonly string[] {
  const out: string[] = [];
  for (let at = 0; at < names.length; at += CHUNK) out.push(names.slice(at, at + CHUNK).join(', '));
  return out;
}

/** A serial's sequence and a column's rights follow their table. */
function ownerDiffers(desired: ObjectsSpec, found: ObjectClass): boolean {
  return !found.stays && !found.linked && found.type !== 'column' && found.owner !== desired.owner;
}

/** The access list as it will be once the owner is right; an untouched one is spelled out. */
function currentAcl(desired: ObjectsSpec, found: ObjectClass, version: number): Acl {
  const letters = ownerLetters(found.type, version);
  if (found.acl === null) return { [desired.owner]: letters, ...(found.type === 'function' ? { '': 'X' } : {}) };
  if (found.stays || found.type === 'column' || found.owner === desired.owner) return found.acl;
  const own = lookUp(found.acl, found.owner);
  const { [found.owner]: _own, [desired.owner]: _mine, ...others } = found.acl;
  return own === undefined ? others : { ...others, [desired.owner]: own };
}

/** What is taken from somebody on a table is taken on its columns too: those that are shared are given again. */
function columnsAgain(to: ObjectsSpec, classes: readonly ObjectClass[], facts: Facts): Command[] {
  const shared = classes.filter((found) => found.type === 'column' && found.shared !== undefined);
  if (shared.length === 0) return [];
  const stripped = new Set<string>();
  for (const found of classes.filter(({ type }) => type === 'table' || type === 'view')) {
    const want = expectedAcl(to, found, facts.version);
    const revokes = want ? aclDelta(want, currentAcl(to, found, facts.version)).revokes : [];
    for (const { grantee, letters, option } of revokes)
      if (!option && letters.includes('r')) for (const name of found.names) stripped.add(`${grantee} ${name}`);
  }
  return shared.flatMap(({ shared: acl = {}, names: [name = ''], word }) =>
    Object.keys(acl)
      .filter((grantee) => stripped.has(`${grantee} ${name}`))
      .map((grantee) => sql(`GRANT SELECT (${word}) ON TABLE ${name} TO ${ident(grantee)}`)),
  );
}

function access(to: ObjectsSpec, found: ObjectClass, facts: Facts, grants: Command[], revokes: Command[]): void {
  const want = expectedAcl(to, found, facts.version);
  if (!want) return;
  const have = currentAcl(to, found, facts.version);
  const delta = aclDelta(want, have);
  const chain = found.chain && ownerDiffers(to, found) ? ownedBy(found.chain, to.owner) : found.chain;
  const again = chain ? keptByOthers(chain, delta.revokes, have, want) : [];
  const word = objectWords[found.type];
  const suffix = found.type === 'column' ? ` (${found.word})` : '';
  const said = (letters: string): string =>
    privilegeWords(letters)
      .split(', ')
      .map((privilege) => privilege + suffix)
      .join(', ');
  for (const names of chunks(found.names)) {
    grants.push(...delta.grants.map((move) => sql(grantText(move, `${word} ${names}`, said))));
    revokes.push(...again.map((move) => sql(grantText(move, `${word} ${names}`, said))));
    revokes.push(...delta.revokes.map((move) => sql(revokeText(move, `${word} ${names}`, said))));
  }
}
