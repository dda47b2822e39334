import type { FieldChange, Command } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { type Acl, aclDelta, grantText, privilegeWords, revokeText } from '../acl.ts';
import { fit } from './shares.ts';
import { accessFields } from '../kinds/access-fields.ts';
import { ident, qualified } from '../quote.ts';
import { foreignTable, sharedColumns, viewBody, viewColumns, viewShape, wantedForeignShape } from './text.ts';
import type { FoundRelation, FoundShare, ShareSpec, SourceColumn } from './spec.ts';

/** What is to be done about one table of a share. */
export interface TableWork {
  readonly table: string;
  /** What it is now, where it is not as shared; null: it is as shared, but for `fields`. */
  readonly what: 'missing' | 'changed' | 'no longer shared' | null;
  readonly fields: readonly FieldChange[];
  readonly grants: readonly Command[];
  readonly revokes: readonly Command[];
  /** Others' objects because of which it stays as it is. */
  readonly stuck: readonly string[];
  /** Whose it is, where somebody else has put it there: it stays as it is. */
  readonly others?: string;
}

const DROPS: Readonly<Record<string, string>> = { v: 'VIEW', f: 'FOREIGN TABLE' };

/** Every table of the share, and what lies beside them. None of it holds data. */
export function workOn(server: string, share: ShareSpec, found: FoundShare): readonly TableWork[] {
  const source = new Map(found.source.map((one) => [one.table, one]));
  const wanted = new Map<string, readonly SourceColumn[]>();
  for (const one of share.tables) {
    const table = source.get(one.table);
    const columns = table ? sharedColumns(one, table) : [];
    if (columns.length > 0) wanted.set(one.table, columns);
  }
  const at = (hidden: boolean, name: string): FoundRelation | null =>
    found.relations.find((one) => one.hidden === hidden && one.name === name) ?? null;
  const names = new Set([...wanted.keys(), ...found.relations.map(({ name }) => name)]);
  return [...names].sort().flatMap((name): TableWork[] => {
    const columns = wanted.get(name);
    const view = at(false, name);
    const foreign = at(true, name);
    const strange = [view, foreign].find((one) => one !== null && isOthers(share, one));
    if (strange && !(columns && isOurs(server, share, name, columns, strange)))
      return [{ table: name, what: null, fields: [], grants: [], revokes: [], stuck: [], others: strange.owner }];
    const work = columns ? keep(server, share, name, columns, view, foreign) : remove(server, share, name, view, foreign);
    return work.what !== null || work.fields.length > 0 || work.stuck.length > 0 ? [work] : [];
  });
}

/** Neither of the share nor of the app that reads it. */
function isOthers({ holder, reader }: ShareSpec, { owner, kind }: FoundRelation): boolean {
  return owner !== holder && owner !== reader && lookUp(DROPS, kind) !== undefined;
}

/** What the share would make, and was given away. */
function isOurs(server: string, share: ShareSpec, table: string, columns: readonly SourceColumn[], found: FoundRelation): boolean {
  return found.hidden
    ? found.shape === wantedForeignShape(share, server, table, columns)
    : found.shape === viewShape(viewBody(share, table, columns), []);
}

function keep(
  server: string,
  share: ShareSpec,
  table: string,
  columns: readonly SourceColumn[],
  view: FoundRelation | null,
  foreign: FoundRelation | null,
): TableWork {
  const inTheWay = [view, foreign].filter((one) => one !== null).filter((one) => lookUp(DROPS, one.kind) === undefined);
  if (inTheWay.length > 0) {
    const names = inTheWay.map((one) => `what ${one.hidden ? share.hidden : server}.${table} is now, which is no view,`);
    return { table, what: null, fields: [], grants: [], revokes: [], stuck: names };
  }
  const fits = foreign?.kind === 'f' && foreign.shape === wantedForeignShape(share, server, table, columns);
  const body = viewBody(share, table, columns);
  const shows = view?.kind === 'v' && view.shape === viewShape(body, []);
  const closed = access(share, table, [
    ...(view ? [{ relation: view, schema: server, want: { [share.reader]: 'r' } }] : []),
    ...(foreign ? [{ relation: foreign, schema: share.hidden, want: {} }] : []),
  ]);
  if (fits && shows) return closed;
  const what = view === null && foreign === null ? 'missing' : 'changed';
  const made = view === null ? null : remade(server, share, table, columns, view, foreign);
  if (view !== null && made === null) return { ...closed, stuck: view.dependents };
  const grants = made ?? [
    ...gone(share.hidden, foreign),
    ...foreignMade(share, server, table, columns),
    ...viewMade(server, share, table, body),
  ];
  return { table, what, fields: [], grants: grants.map((text) => ({ text })), revokes: [], stuck: [] };
}

function foreignMade(share: ShareSpec, server: string, table: string, columns: readonly SourceColumn[]): readonly string[] {
  return [
    foreignTable(share, server, table, columns),
    `ALTER FOREIGN TABLE ${qualified(share.hidden, table)} OWNER TO ${ident(share.holder)}`,
  ];
}

function viewMade(server: string, share: ShareSpec, table: string, body: string): readonly string[] {
  const it = qualified(server, table);
  return [
    `CREATE VIEW ${it} AS ${body}`,
    `ALTER VIEW ${it} OWNER TO ${ident(share.holder)}`,
    `GRANT SELECT ON TABLE ${it} TO ${ident(share.reader)}`,
  ];
}

function gone(schema: string, relation: FoundRelation | null): readonly string[] {
  if (!relation) return [];
  const word = lookUp(DROPS, relation.kind);
  if (word === undefined) throw new Error(`nothing but views and foreign tables is dropped: ${relation.name}`);
  return [`DROP ${word} ${qualified(schema, relation.name)}`];
}

/**
 * The view stays, with all that others have built on it, where its columns are the first of the new ones. Where they are
 * not, it is made again, unless something is built on it: null.
 */
function remade(
  server: string,
  share: ShareSpec,
  table: string,
  columns: readonly SourceColumn[],
  view: FoundRelation,
  foreign: FoundRelation | null,
): readonly string[] | null {
  const body = viewBody(share, table, columns);
  const next = viewColumns(columns);
  const stays = view.kind === 'v' && view.columns.every((column, index) => column === next[index]);
  if (!stays && view.dependents.length > 0) return null;
  if (!stays)
    return [
      ...gone(server, view),
      ...gone(share.hidden, foreign),
      ...foreignMade(share, server, table, columns),
      ...viewMade(server, share, table, body),
    ];
  const it = qualified(server, table);
  const old = fit(`${table} replaced`);
  const aside = foreign ? [`ALTER FOREIGN TABLE ${qualified(share.hidden, table)} RENAME TO ${ident(old)}`] : [];
  return [
    ...aside,
    ...foreignMade(share, server, table, columns),
    `CREATE OR REPLACE VIEW ${it} AS ${body}`,
    ...(view.owner === share.holder ? [] : [`ALTER VIEW ${it} OWNER TO ${ident(share.holder)}`]),
    ...(foreign ? [`DROP FOREIGN TABLE ${qualified(share.hidden, old)}`] : []),
  ];
}

/** Views and foreign tables that are not of the share go; what may hold data stays and is closed by the schema. */
function remove(server: string, share: ShareSpec, table: string, view: FoundRelation | null, foreign: FoundRelation | null): TableWork {
  const nothing = { table, what: null, fields: [], grants: [], revokes: [], stuck: [] } as const;
  const there = [view, foreign].filter((one) => one !== null).filter((one) => lookUp(DROPS, one.kind) !== undefined);
  if (there.length === 0) return nothing;
  const dependents = there.flatMap((one) => one.dependents);
  if (dependents.length === 0) {
    const revokes = [
      ...gone(server, view && lookUp(DROPS, view.kind) ? view : null),
      ...gone(share.hidden, foreign && lookUp(DROPS, foreign.kind) ? foreign : null),
    ];
    return { ...nothing, what: 'no longer shared', revokes: revokes.map((text) => ({ text })) };
  }
  const closed = access(
    share,
    table,
    there.map((relation) => ({ relation, schema: relation.hidden ? share.hidden : server, want: {} })),
  );
  return { ...closed, stuck: dependents };
}

interface Wish {
  readonly relation: FoundRelation;
  readonly schema: string;
  /** Without the owner. */
  readonly want: Acl;
}

/** Owner and rights, of the whole and of single columns. */
function access({ holder }: ShareSpec, table: string, wishes: readonly Wish[]): TableWork {
  const fields: FieldChange[] = [];
  const grants: Command[] = [];
  const revokes: Command[] = [];
  for (const { relation, schema, want } of wishes) {
    const it = qualified(schema, relation.name);
    const shown = `${schema}.${relation.name}`;
    if (relation.owner !== holder) {
      fields.push({ field: `owner of ${shown}`, from: relation.owner, to: holder });
      grants.push({ text: `ALTER ${lookUp(DROPS, relation.kind) ?? 'TABLE'} ${it} OWNER TO ${ident(holder)}` });
    }
    const { [holder]: _own, ...others } = relation.acl;
    const delta = aclDelta(want, others);
    fields.push(...accessFields(`access to ${shown} of`, want, others, ''));
    revokes.push(...delta.revokes.map((move) => ({ text: revokeText(move, `TABLE ${it}`) })));
    grants.push(...delta.grants.map((move) => ({ text: grantText(move, `TABLE ${it}`) })));
    for (const [column, acl] of relation.columnAcl) {
      for (const move of aclDelta({}, acl).revokes) {
        fields.push({
          field: `access to ${shown}.${column} of ${move.grantee === '' ? 'PUBLIC' : move.grantee}`,
          from: move.letters,
          to: null,
        });
        const words = (letters: string): string =>
          privilegeWords(letters)
            .split(', ')
            .map((word) => `${word} (${ident(column)})`)
            .join(', ');
        revokes.push({ text: revokeText(move, `TABLE ${it}`, words) });
      }
    }
  }
  return { table, what: null, fields, grants, revokes, stuck: [] };
}
