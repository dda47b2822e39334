import { fingerprintAll } from '../util/canonical.ts';
import type { PlacementPart } from './engine-parts.ts';
import { member, type Node, toPlain } from './node.ts';
import type { OrderedApp } from './references.ts';
import type { ManifestShape } from './schema.ts';
import type { InstanceDecl } from './types.ts';
import { byKey, byText } from '../util/text-order.ts';

export interface Meaning {
  readonly shape: ManifestShape;
  readonly apps: readonly OrderedApp[];
  readonly instances: readonly InstanceDecl[];
  readonly placements: ReadonlyMap<string, readonly PlacementPart[]>;
  /** Absolute file of a secret -> how the manifest writes it: the same project in two folders has one hash. */
  readonly files: ReadonlyMap<string, string>;
}

/** SHA-256 over what the manifest means: order of keys, comments and the way it is written do not count. */
export function hashMeaning(meaning: Meaning): string {
  return fingerprintAll(parts(meaning));
}

function* parts({ shape, apps, instances, placements, files }: Meaning): Generator {
  yield [shape.cotenant, shape.project, shape.removal, shape.backup];
  for (const instance of byName(instances)) yield ['instance', instance.name, instance.engine.id, asWritten(instance.input.config, files)];
  for (const { app, after } of byName(apps.map((one) => ({ ...one, name: one.app.name })))) {
    const uses = Object.fromEntries((placements.get(app.name) ?? []).map((part) => [part.instance, part.placement]));
    yield ['app', app.name, after.toSorted(), uses, plainMember(app.node, 'migrations'), plainMember(app.node, 'requires')];
  }
  for (const [name, reader] of Object.entries(shape.readers ?? {}).toSorted(byKey)) {
    yield ['reader', name, [...new Set(reader.reads)].sort(), reader.connections];
  }
  const shares = (shape.shares ?? []).map((share) => ({ ...share, tables: share.tables.toSorted(), columns: share.columns?.toSorted() }));
  for (const [name, operator] of Object.entries(shape.operators ?? {}).toSorted(byKey)) {
    yield ['operator', name, operator.may.toSorted(), operator.instances?.toSorted()];
  }
  yield ['known', (shape.known ?? []).map(({ user, on }) => [user, on ?? '']).toSorted(([a = ''], [b = '']) => byText(a, b))];
  yield* shares.map((share) => ['share', share]).toSorted((a, b) => byText(JSON.stringify(a), JSON.stringify(b)));
}

function byName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return items.toSorted((a, b) => byText(a.name, b.name));
}

function plainMember(node: Node, key: string): unknown {
  const found = member(node, key);
  return found ? toPlain(found) : null;
}

function asWritten(value: unknown, files: ReadonlyMap<string, string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => asWritten(item, files));
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === 'file' && typeof only[1] === 'string') return { file: files.get(only[1]) ?? only[1] };
  return Object.fromEntries(entries.map(([key, item]) => [key, asWritten(item, files)]));
}
