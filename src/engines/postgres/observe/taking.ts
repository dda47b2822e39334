import type { ServerFacts } from '../../../engine/index.ts';
import { addressKey, type Observed, type Resource } from '../../../model/index.ts';
import { buildable } from '../compile/buildable.ts';
import type { Config } from '../config.ts';
import { kindOf } from '../kinds/index.ts';
import { factsOf } from '../kinds/kind.ts';
import { isKind } from '../spec.ts';

const KINDS: ReadonlySet<string> = new Set(['role', 'database', 'perimeter', 'operator', 'schema', 'objects']);

/** True where a plan would take something from a role: then it is worth a look who depends on that one. */
export function takesSomething(desired: readonly Resource[], observed: readonly Observed[], server: ServerFacts): boolean {
  const facts = factsOf(server);
  const found = new Map(observed.map((one) => [addressKey(one.address), one]));
  const wanted = new Set(desired.map((one) => addressKey(one.address)));
  if (observed.some((one) => isKind(one, 'role') && one.owned && one.spec.login && !wanted.has(addressKey(one.address)))) return true;
  return desired.some((one) => {
    const has = found.get(addressKey(one.address));
    if (!has || !KINDS.has(one.address.kind) || buildable(one, has, facts) !== null) return false;
    return (kindOf(one.address.kind)?.statements(one.address.name, has.spec, one.spec, facts).revokes.length ?? 0) > 0;
  });
}

/** Databases that are no app's, and from which a plan takes what everybody has there. */
export function takesFromAll(
  observed: readonly Observed[],
  { perimeter, foreignDatabases }: Pick<Config, 'perimeter' | 'foreignDatabases'>,
): readonly string[] {
  return observed.flatMap((one) => {
    if (!isKind(one, 'perimeter') || (one.owned ? perimeter === 'warn' : foreignDatabases !== 'close')) return [];
    const { publicDatabase, publicSchema, beyond } = one.spec;
    const closes =
      (publicDatabase !== '' && !beyond.includes('database')) ||
      (publicSchema !== '' && publicSchema !== null && !beyond.includes('schema'));
    return closes ? [one.address.name] : [];
  });
}
