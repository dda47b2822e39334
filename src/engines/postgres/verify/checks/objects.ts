import type { Stuck } from '../../../../engine/index.ts';
import { isOpenToGroups } from '../../compile/policy.ts';
import { placed } from '../../part-name.ts';
import { lookUp } from '../../../../util/record.ts';
import { ident, qualified } from '../../quote.ts';
import type { Sink } from '../fixable.ts';
import { fixInside, handOver, named } from '../findings.ts';
import { isMigrator, isSettled, ownerFor } from './schemas.ts';
import { entryProbe, type DatabaseContext, targetOf } from '../database-context.ts';
import type { Spot } from '../opened.ts';
import { isOutside } from '../principals.ts';
import { losingOwner } from '../losing.ts';
import { type Listed, taking, underOf } from '../taking.ts';
import { type Excess, type Area, type ObjectKind, aclOf, excess, excessOn, only, outsideProbe, probeFor, who, words } from '../rights.ts';

/** Letters of a table, and the probes that speak of each. */
const TABLE: readonly (readonly [string, string])[] = [
  ['S20', 't'],
  ['S21', 'x'],
  ['S22', 'Dm'],
];

/** What the server's own roles may do with every one. */
const SERVER_TABLE = { pg_read_all_data: 'r', pg_write_all_data: 'adw', pg_maintain: 'm' };
const SERVER_SEQUENCE = { pg_read_all_data: 'r', pg_write_all_data: 'w' };

const WORDS: Readonly<Record<string, string>> = { S: 'sequence', v: 'view', m: 'materialized view', f: 'foreign table' };

/** An owner has every right on it, whatever its access list says. */
const OWNED = { TABLE: ['S01', 'S20', 'S21', 'S22'], SEQUENCE: ['S01'], TYPE: [] } as const;

interface Thing {
  readonly area: Area;
  readonly what: string;
  /** All of it, for those who are asked to agree to a loss. */
  readonly all?: string;
  /** As GRANT says it. */
  readonly word: 'TABLE' | 'SEQUENCE' | 'TYPE';
  /** Ready for a statement. */
  readonly names: readonly string[];
  readonly kind: ObjectKind;
  /** One of them, of which a share can speak; they are alike. */
  readonly spot?: Spot;
}

/** Tables, views, sequences, columns, types and large objects: whose they are and who has rights on them. */
export function checkObjects(inside: DatabaseContext): void {
  const { catalog, areas, findings } = inside;
  for (const [schema, kind, owner, items, , , names] of catalog.relations) {
    const area = areas.get(schema);
    if (!area || schema === 'cotenant') continue;
    findings.judged += names.length;
    const word = lookUp(WORDS, kind) ?? 'table';
    for (const alike of inside.snapshot.opened.apart(area.owner, schema, names)) {
      const thing: Thing = {
        area,
        what: `${word} ${named(alike.map((name) => `${schema}.${name}`))}`,
        all: `${word} ${alike.map((name) => `${schema}.${name}`).join(', ')}`,
        word: kind === 'S' ? 'SEQUENCE' : 'TABLE',
        names: alike.map((name) => qualified(schema, name)),
        kind: kind === 'S' ? 'sequence' : 'relation',
        spot: [schema, kind === 'S' ? '' : (alike[0] ?? '')],
      };
      const marked = isMarked(inside, area, kind === 'S' ? 'sequence' : 'table', items);
      checkOwner(inside, thing, owner, marked);
      // Another app's own groups have what is theirs there as well.
      const holder = marked ? null : inside.snapshot.principalOf(owner);
      const whose = holder?.kind === 'app' ? { ...area, owner: holder.name } : area;
      if (area.owner !== null) checkRights(inside, { ...thing, area: whose }, owner, items);
    }
  }
  for (const [schema, table, column, owner, items] of catalog.columns) {
    const area = areas.get(schema);
    if (!area || area.owner === null || schema === 'cotenant') continue;
    findings.judged += 1;
    checkColumn(inside, area, [schema, table, column], owner, items);
  }
  for (const [schema, owner, , names] of catalog.types) {
    const area = areas.get(schema);
    if (!area || schema === 'cotenant') continue;
    findings.judged += names.length;
    checkOwner(inside, { area, what: `type ${named(names)}`, word: 'TYPE', names, kind: 'type' }, owner, true);
  }
  checkLargeObjects(inside);
}

/** The access list is the one that the app's own have, which stays when somebody takes it. */
function isMarked(inside: DatabaseContext, area: Area, type: 'table' | 'sequence', items: readonly string[] | null): boolean {
  const owner = area.owner === null ? null : ownerFor(inside, area.owner);
  if (owner === null) return true;
  const roles = inside.snapshot.named(area.owner)?.roles ?? [];
  const of = (purpose: string): string | null => roles.find((name) => inside.snapshot.desired(name)?.purpose === purpose) ?? null;
  const groups = { owner, readWrite: of('read-write') ?? owner, readOnly: of('read-only') };
  return [false, true].some((truncate) => isOpenToGroups(type, items, { ...groups, truncate }));
}

/** `marked`: it was the app's before it was somebody else's. */
function checkOwner(inside: DatabaseContext, { area, what, word, names }: Thing, owner: string, marked: boolean): void {
  const { snapshot, findings, place } = inside;
  // The operator's own, which stays so, as the plan says.
  if (area.owner !== null && snapshot.principalOf(owner) === null) return;
  if (isSettled(inside, area, owner)) {
    reached(inside, { area, what, word, names, kind: 'relation' }, owner);
    return;
  }
  for (const one of snapshot.holders(owner)) {
    const { principal, live } = one;
    if (principal.name === area.owner || isMigrator(inside, principal.name)) continue;
    const id = probeFor(area.owner === null ? 'S14' : 'S12', { from: principal.name, kind: principal.kind, live, letters: '' });
    const to = ownerFor(inside, area.owner);
    const fact = {
      from: principal.name,
      to: targetOf(inside, area),
      statement: `owner of ${what} in ${place.database}`,
      answer: owner,
      // A stranger's is theirs, and a retired app's comes back with it.
      ...(to !== null && !marked && principal.kind === 'app' ? { stuck: whoseIsIt(word, names, to) } : {}),
      fix:
        to === null || !marked || isOutside(principal) || !isHanded(inside, owner)
          ? []
          : losingOwner(
              snapshot,
              principal,
              { owner, to, things: names.map((name) => placed(place.database, name)) },
              fixInside(place.database, ...names.map((name) => handOver(word, name, to))),
              `ownership of ${what} in "${place.database}"`,
            ),
    };
    findings.add(id, fact);
    if (live && id === 'S12' && place.kind === 'space') for (const one of OWNED[word]) findings.add(one, fact);
  }
}

/** Of another app it may be what somebody has moved here, with rows that nobody else may see. */
function whoseIsIt(word: Thing['word'], names: readonly string[], to: string): Stuck {
  const [name = ''] = names;
  return {
    accepted: false,
    why: `Nothing says which of the two apps it is of, and neither is given what the other has. ALTER ${word} ${name} SET SCHEMA … puts it where its owner has the rest; only where it is really of the app whose schema it lies in: ${handOver(word, name, to)}.`,
  };
}

/** What a group of somebody else owns is theirs, whoever of us is in it. */
function isHanded({ snapshot }: DatabaseContext, owner: string): boolean {
  const holder = snapshot.principalOf(owner);
  return holder !== null && !isOutside(holder) && holder.kind !== 'operator';
}

/** Who has the rights of the right owner through a membership, which has its own finding, has every right on it. */
function reached(inside: DatabaseContext, { area, what, word }: Thing, owner: string): void {
  const { snapshot, findings, place } = inside;
  if (area.owner === null || place.kind !== 'space') return;
  for (const { principal, live } of snapshot.holders(owner)) {
    if (!live || principal.name === area.owner || outsideProbe(principal.kind) !== null) continue;
    const answer = `${owner}, whose rights it has`;
    for (const one of OWNED[word])
      findings.add(one, {
        from: principal.name,
        to: area.owner,
        statement: `owner of ${what} in ${place.database}`,
        answer,
        ...underOf(snapshot, principal.name, owner),
      });
  }
}

function checkRights(inside: DatabaseContext, thing: Thing, owner: string, items: readonly string[] | null): void {
  const { snapshot, findings, place } = inside;
  for (const [grantee, letters] of Object.entries(aclOf(items, {}))) {
    if (grantee === owner) continue;
    const all = excessOn(snapshot, thing.area, owner, grantee, letters, thing.kind);
    for (const one of thing.spot ? snapshot.opened.beyond(thing.area.owner, thing.spot, all) : all) {
      const put = (id: string, taken: string): void => {
        if (taken === '') return;
        const list: Listed = {
          on: `${thing.word} ${thing.names.join(', ')}`,
          what: `${thing.all ?? thing.what} in "${place.database}"`,
          place,
          owner,
          items,
          server: thing.kind === 'sequence' ? SERVER_SEQUENCE : SERVER_TABLE,
          relations: thing.names,
        };
        const to = targetOf(inside, thing.area);
        findings.add(probeFor(id, one), {
          from: one.from,
          to,
          statement: `access list of ${thing.what} in ${place.database}`,
          answer: `${who(grantee)} has ${words(taken)}`,
          ...taking(snapshot, one.from, list, { grantee, letters: taken }),
        });
      };
      split(thing.kind, one, put, entryProbe(inside));
    }
  }
}

/** Each letter to the probe that speaks of it. */
function split(kind: ObjectKind, one: Excess, put: (id: string, letters: string) => void, entry: string): void {
  if (kind === 'sequence') {
    put(entry, one.letters);
    return;
  }
  put(entry, only(one.letters, 'rawd'));
  for (const [id, taken] of TABLE) put(id, only(one.letters, taken));
}

function checkColumn(
  inside: DatabaseContext,
  area: Area,
  path: readonly [string, string, string],
  owner: string,
  items: readonly string[],
): void {
  const { snapshot, findings, place } = inside;
  const [schema, table, column] = path;
  const list: Listed = {
    on: `TABLE ${qualified(schema, table)}`,
    column: ident(column),
    what: `column ${schema}.${table}.${column} in "${place.database}"`,
    place,
    owner,
    items,
    server: { pg_read_all_data: 'r', pg_write_all_data: 'aw' },
    relations: [qualified(schema, table)],
  };
  for (const [grantee, letters] of Object.entries(aclOf(items, {}))) {
    if (grantee === owner) continue;
    for (const one of snapshot.opened.beyond(area.owner, path, excessOn(snapshot, area, owner, grantee, letters, 'column'))) {
      findings.add(probeFor(one.letters.startsWith('x') ? 'S21' : entryProbe(inside), one), {
        from: one.from,
        to: targetOf(inside, area),
        statement: `access list of column ${schema}.${table}.${column} in ${place.database}`,
        answer: `${who(grantee)} has ${words(one.letters)}`,
        ...taking(snapshot, one.from, list, { grantee, letters: one.letters }),
      });
    }
  }
}

function checkLargeObjects(inside: DatabaseContext): void {
  const { snapshot, findings, place, catalog } = inside;
  for (const [owner, items, count, numbers] of catalog.largeObjects) {
    findings.judged += count;
    const principal = snapshot.principalOf(owner);
    const mine = principal?.kind === 'app' || principal?.kind === 'retired' ? principal.name : null;
    const area: Area = { owner: place.app ?? mine, host: place.owner };
    if (area.owner !== null && principal && principal.name !== area.owner)
      addOwner(findings, inside, owner, count, principal.name, area.owner);
    for (const [grantee, letters] of Object.entries(aclOf(items, {}))) {
      if (grantee === owner) continue;
      // What the operator put there for one app is that app's area; of others it is theirs.
      const excessive = snapshot.operators.has(owner)
        ? excess(snapshot, area, grantee, letters, 'large object')
        : excessOn(snapshot, area, owner, grantee, letters, 'large object');
      for (const one of excessive) {
        findings.add(probeFor('P17', one), {
          from: one.from,
          to: targetOf(inside, area),
          statement: `access lists of large objects of ${owner} in ${place.database}`,
          answer: `${who(grantee)} has ${words(one.letters)} on ${count}`,
          ...taking(
            snapshot,
            one.from,
            {
              on: `LARGE OBJECT ${(numbers ?? []).join(', ')}`,
              what: `large object ${(numbers ?? []).join(', ')} in "${place.database}"`,
              place,
              owner,
              items,
              ...(principal === null || principal.kind === 'operator' ? { ofNobody: true as const } : {}),
            },
            { grantee, letters: one.letters },
          ),
        });
      }
    }
  }
}

function addOwner(findings: Sink, inside: DatabaseContext, owner: string, count: number, from: string, to: string): void {
  findings.add('S12', { from, to, statement: `owner of large objects in ${inside.place.database}`, answer: `${owner} owns ${count}` });
}
