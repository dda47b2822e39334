import { pairsOf } from '../../shares/shares.ts';
import type { DatabaseContext } from '../database-context.ts';
import { named } from '../findings.ts';

/** Whoever reads what an app has made runs what is written into it, with their own rights. */
interface Reads {
  /** null: an operator, who reads every app. */
  readonly victim: string | null;
  readonly who: string;
  /** Tables of the app; null: all that it has. */
  readonly tables: ReadonlySet<string> | null;
}

/**
 * Views and policies of an app that others read, and that call more than what computes: a function that runs a text as a statement
 * reads and writes as the reader, another one changes the settings of the session. In a database of one app nobody has more there.
 */
export function checkReadCode(inside: DatabaseContext): void {
  const { snapshot, findings, place, catalog } = inside;
  if (place.kind !== 'space' || place.space?.apps[0]?.placement.isolation === 'rows') return;
  for (const [relation, , name, kind, owner, functions] of catalog.readCode) {
    const principal = snapshot.principalOf(owner);
    if (principal?.kind !== 'app') continue;
    const word = kind === 'v' ? 'view' : 'policies of table';
    for (const { victim, who, tables } of readersOf(inside, principal.name))
      if (tables === null || tables.has(name) || (kind === 'v' && sharesView(inside, tables)))
        findings.add('S34', {
          from: principal.name,
          to: victim,
          statement: `${word} ${relation} in ${place.database}`,
          answer: `calls ${named(functions)} in the session of whoever reads it, as ${who} may`,
        });
  }
}

/** A view that is shared may read another one. */
function sharesView({ catalog }: DatabaseContext, tables: ReadonlySet<string>): boolean {
  return catalog.relations.some(([, kind, , , , , names]) => kind === 'v' && names.some((name) => tables.has(name)));
}

/** Who reads what this app has, and may do more here than that. */
function readersOf({ snapshot, place }: DatabaseContext, app: string): readonly Reads[] {
  const here = new Set(place.space?.apps.map((one) => one.app) ?? []);
  const shares = snapshot.input.shares.length === 0 ? [] : pairsOf(snapshot.input);
  return [
    ...shares.flatMap(({ from, to, tables, across }): Reads[] =>
      from === app && across === null ? [{ victim: to, who: `app "${to}"`, tables: new Set(tables.map(({ table }) => table)) }] : [],
    ),
    ...snapshot.principals.flatMap(({ kind, name, reads }): Reads[] =>
      kind === 'reader' && reads.has(app)
        ? [...reads].filter((one) => one !== app && here.has(one)).map((victim) => ({ victim, who: `reader "${name}"`, tables: null }))
        : [],
    ),
    ...snapshot.input.operators.flatMap(({ name, may }): Reads[] =>
      may.includes('read-all') ? [{ victim: null, who: `operator "${name}"`, tables: null }] : [],
    ),
  ];
}
