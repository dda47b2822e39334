import type { Observation } from '../../../engine/index.ts';
import type { Observed, ShareStatus } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { partName } from '../part-name.ts';
import { factsOf } from '../kinds/kind.ts';
import { kindOf } from '../kinds/index.ts';
import { qualified, ident } from '../quote.ts';
import type { ShareSpec } from './spec.ts';
import { type Pair, pairsOf } from './shares.ts';
import { isKind, type ObjectClass } from '../spec.ts';

/** How the shares stand: what of them is open, and what is not there yet. */
export function shares(input: Input, observation: Observation): readonly ShareStatus[] {
  const pairs = pairsOf(input);
  if (pairs.length === 0) return [];
  const found = new Map(observation.resources.map((one) => [`${one.address.kind} ${one.address.name}`, one]));
  const wanted = new Map(compile(input).resources.flatMap((one) => (isKind(one, 'share') ? [[one.address.name, one.spec] as const] : [])));
  const look: Look = { found, wanted, observation };
  return pairs.map((pair) => statusOf(input.name, pair, look));
}

interface Look {
  /** By kind and name. */
  readonly found: ReadonlyMap<string, Observed>;
  readonly wanted: ReadonlyMap<string, ShareSpec>;
  readonly observation: Observation;
}

function statusOf(instance: string, pair: Pair, look: Look): ShareStatus {
  const { from, to, tables, source, across } = pair;
  const objects = look.found.get(`objects ${partName(source.database, from)}`);
  const spec = objects && isKind(objects, 'objects') ? objects.spec : null;
  const absent = new Set(spec ? spec.absent : tables.map(({ table }) => table));
  const missing = tables.flatMap(({ table, columns }) =>
    absent.has(table) ? [table] : (columns ?? []).map((column) => `${table}.${column}`).filter((name) => absent.has(name)),
  );
  const wanted = tables.flatMap(({ table, columns }): Spot[] => (columns ?? [null]).map((column) => ({ table, column })));
  const open = wanted.filter((spot) => spec?.classes.some((found) => gives(found, pair, spot)));
  const nothing = open.length === 0 || !entered(pair, look);
  const arrived = across === null || arrives(partName(pair.target.database, across.schema), look);
  const state = nothing ? 'absent' : arrived && open.length === wanted.length ? 'ready' : 'incomplete';
  return { from, to, instance, engine: 'postgres', tables, location: across?.schema ?? source.schema, state, missing };
}

interface Spot {
  readonly table: string;
  readonly column: string | null;
}

function gives(found: ObjectClass, { grantee, source }: Pair, { table, column }: Spot): boolean {
  if ((found.type === 'column') !== (column !== null) || !found.names.includes(qualified(source.schema, table))) return false;
  return (column === null || found.word === ident(column)) && (lookUp(found.acl ?? {}, grantee) ?? '').includes('r');
}

function entered({ grantee, source }: Pair, { found }: Look): boolean {
  const schema = found.get(`schema ${partName(source.database, source.schema)}`);
  return schema !== undefined && isKind(schema, 'schema') && (lookUp(schema.spec.acl, grantee) ?? '').includes('U');
}

/** The views are there as they should be. */
function arrives(name: string, { found, wanted, observation }: Look): boolean {
  const has = found.get(`share ${name}`);
  const want = wanted.get(name);
  return has !== undefined && want !== undefined && kindOf('share')?.diff(want, has.spec, factsOf(observation.server), name).length === 0;
}
