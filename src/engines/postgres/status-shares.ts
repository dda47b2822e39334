import type { Observation } from '../../engine/index.ts';
import type { ShareStatus } from '../../model/index.ts';
import { compile } from './compile.ts';
import type { Input } from './draft.ts';
import { inside } from './inside.ts';
import { factsOf } from './kinds/kind.ts';
import { kindOf } from './kinds/index.ts';
import { qualified, ident } from './quote.ts';
import { type Pair, pairsOf } from './shares.ts';
import { isKind, type ObjectClass } from './spec.ts';

/** How the shares stand: what of them is open, and what is not there yet. */
export function shares(input: Input, observation: Observation): readonly ShareStatus[] {
  return pairsOf(input).map((pair): ShareStatus => {
    const { from, to, tables, source, across } = pair;
    const objects = observation.resources.find((one) => isKind(one, 'objects') && one.address.name === inside(source.database, from));
    const spec = objects && isKind(objects, 'objects') ? objects.spec : null;
    const absent = new Set(spec ? spec.absent : tables.map(({ table }) => table));
    const missing = tables.flatMap(({ table, columns }) =>
      absent.has(table) ? [table] : (columns ?? []).map((column) => `${table}.${column}`).filter((name) => absent.has(name)),
    );
    const wanted = tables.flatMap(({ table, columns }): Spot[] => (columns ?? [null]).map((column) => ({ table, column })));
    const there = wanted.filter(({ table, column }) => !absent.has(table) && !absent.has(`${table}.${column ?? ''}`));
    const open = there.filter((spot) => spec?.classes.some((found) => gives(found, pair, spot)));
    const arrived = across === null || arrives(input, pair, observation);
    const nothing = open.length === 0 || !entered(pair, observation);
    const state = nothing ? 'absent' : arrived && open.length === wanted.length ? 'ready' : 'incomplete';
    const location = across ? across.schema : source.schema;
    return { from, to, instance: input.name, engine: 'postgres', tables, location, state, missing };
  });
}

interface Spot {
  readonly table: string;
  readonly column: string | null;
}

function gives(found: ObjectClass, { grantee, source }: Pair, { table, column }: Spot): boolean {
  if ((found.type === 'column') !== (column !== null) || !found.names.includes(qualified(source.schema, table))) return false;
  return (column === null || found.word === ident(column)) && (found.acl?.[grantee] ?? '').includes('r');
}

function entered({ grantee, source }: Pair, { resources }: Observation): boolean {
  const schema = resources.find((one) => isKind(one, 'schema') && one.address.name === inside(source.database, source.schema));
  return schema !== undefined && isKind(schema, 'schema') && (schema.spec.acl[grantee] ?? '').includes('U');
}

/** The views are there as they should be. */
function arrives(input: Input, { target, across }: Pair, { resources, server }: Observation): boolean {
  const name = inside(target.database, across?.schema ?? '');
  const found = resources.find((one) => isKind(one, 'share') && one.address.name === name);
  const desired = compile(input).resources.find((one) => isKind(one, 'share') && one.address.name === name);
  return (
    found !== undefined && desired !== undefined && kindOf('share')?.diff(desired.spec, found.spec, factsOf(server), name).length === 0
  );
}
