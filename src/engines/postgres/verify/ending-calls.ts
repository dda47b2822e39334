import type { Stuck } from '../../../engine/index.ts';
import { ident, qualified } from '../quote.ts';
import type { Edge, Node } from './graph/graph.ts';

/** What people do about code of somebody else that is called: nobody but them knows which of the two is meant. `to`: whom the code may be given to. */
export function endingCall(edge: Edge, node: Node | null, routine: Node, to: string | null): Stuck {
  return ending(dropping(edge, node), `ROUTINE ${pathOf(routine)}`, to);
}

/** The same, in the words of the server for any object. */
export function endingRest(what: string, other: string, to: string | null): Stuck {
  return ending(`DROP or change ${what}`, other, to);
}

function ending(drop: string, routine: string, to: string | null): Stuck {
  const given = to === null ? '' : `; or, where the code is really ${to}’s: ALTER ${routine} OWNER TO ${ident(to)}`;
  return { accepted: false, why: `What ends it: ${drop}${given}.` };
}

function dropping({ kind, name }: Edge, node: Node | null): string {
  if (node === null) return `DROP ${kind.toUpperCase()} … (${name})`;
  const table = pathOf(node);
  switch (kind) {
    case 'trigger':
    case 'policy':
      return `DROP ${kind.toUpperCase()} ${ident(name)} ON ${table}`;
    case 'check':
      return `ALTER TABLE ${table} DROP CONSTRAINT ${ident(name)}`;
    case 'rule calls':
      return `DROP RULE ${ident(name)} ON ${table}`;
    case 'view calls':
      return `DROP ${node.kind === 'm' ? 'MATERIALIZED VIEW' : 'VIEW'} ${table}`;
    case 'default':
      return `ALTER TABLE ${table} ALTER COLUMN … DROP DEFAULT`;
    case 'statistics':
      return `DROP STATISTICS ${ident(name)}, of ${table}`;
    default:
      return `DROP INDEX … on ${table}`;
  }
}

function pathOf({ schema, name, kind }: Node): string {
  return qualified(schema, name.slice(schema.length + 1, kind === 'function' ? -2 : undefined));
}
