import type { DatabaseContext } from '../database-context.ts';
import { Carried } from '../graph/carried.ts';
import type { Edge, Graph, Node } from '../graph/graph.ts';
import type { Principal } from '../principals.ts';
import { isMigrator } from './schemas.ts';
import { excess } from '../rights.ts';
import { endingCall } from '../ending-calls.ts';

/** How the server comes to call a function. */
const CALLS = ['trigger', 'default', 'check', 'policy', 'index', 'statistics', 'view calls', 'rule calls'];
/** What makes one table a part of another, or lets its owner reach into it. */
const JOINTS = ['child', 'key', 'cascading key', 'sequence'];

/** Code that runs in somebody's sessions because of what depends on a table, and tables that hang together: whose they are. */
export function checkHooks(inside: DatabaseContext, graph: Graph): void {
  const carried = new Carried(inside, graph);
  const rows = inside.place.space?.apps[0]?.placement.isolation === 'rows';
  for (const edge of graph.edges) {
    const node = graph.nodes.get(edge.from);
    if (edge.kind === 'operator' || edge.kind === 'cast') checkOperator(inside, graph, edge);
    if (!node || inside.areas.get(node.schema) === undefined || node.schema === 'cotenant') continue;
    if (CALLS.includes(edge.kind)) checkCall(inside, carried, graph, { edge, node });
    if (JOINTS.includes(edge.kind)) checkJoint(inside, carried, graph, { edge, node });
    if (edge.kind === 'type') checkType(inside, carried, graph, { edge, node });
    if (rows && edge.kind === 'rule on') checkRule(inside, { edge, node });
  }
}

interface Hanging {
  readonly edge: Edge;
  readonly node: Node;
}

/** Somebody whose code or table it is; the operator's is the operator's. */
function ownerOf(inside: DatabaseContext, role: string): Principal | null {
  const principal = inside.snapshot.principalOf(role);
  return principal === null || principal.kind === 'operator' || isMigrator(inside, principal.name) ? null : principal;
}

const named = ({ kind, name }: Edge): string =>
  name === '' || name === '_RETURN' ? kind.replace(' calls', '') : `${kind.replace(' calls', '')} ${name}`;

/** Code of an app is given to nobody who is more than an app. */
function isGiven(inside: DatabaseContext, principal: Principal | null): boolean {
  return principal?.kind === 'app' && !isMigrator(inside, principal.name);
}

function checkCall(inside: DatabaseContext, carried: Carried, graph: Graph, { edge, node }: Hanging): void {
  const { snapshot, findings, place } = inside;
  const routine = graph.nodes.get(edge.to);
  if (!routine) return;
  const theirs = ownerOf(inside, routine.owner);
  const mine = snapshot.principalOf(node.owner);
  if (theirs && theirs.name !== mine?.name)
    findings.add('S31', {
      from: theirs.name,
      to: carried.dataOf(node) ?? place.target,
      statement: `${named(edge)} of ${node.name} in ${place.database}`,
      answer: `it calls ${routine.name}, which belongs to ${routine.owner}`,
      stuck: endingCall(edge, node, routine, isGiven(inside, mine) ? node.owner : null),
    });
  if (theirs || edge.kind !== 'trigger' || !routine.asOwner) return;
  const writers = Object.entries(node.acl).filter(([grantee, letters]) => /[awdD]/.test(letters) && isTenants(inside, grantee, letters));
  const app = carried.dataOf(node);
  if (writers.length === 0 && app === null) return;
  const rows = place.space?.apps[0]?.placement.isolation === 'rows';
  // With its own search_path, on a table of the app that writes: the operator laid it there for that.
  if (routine.pinned && app !== null && !rows) return;
  findings.add(rows ? 'R09' : 'E4', {
    from: rows ? null : app,
    to: rows || app === null ? place.target : null,
    statement: `trigger ${edge.name} of ${node.name} in ${place.database}`,
    answer: `whoever writes there runs ${routine.name} as ${routine.owner}${routine.pinned ? '' : ', with a search_path of their own'}`,
    ...(routine.pinned
      ? { verdict: 'UNPROVEN' as const, why: 'What it does with the rights that it has cannot be read from the catalogs.' }
      : {}),
  });
}

/** Whether an app or a reader has rights through this grantee. */
function isTenants({ snapshot }: DatabaseContext, grantee: string, letters: string): boolean {
  if (grantee === '') return true;
  return excess(snapshot, { owner: null }, grantee, letters, 'relation').some(
    ({ kind }) => kind === 'app' || kind === 'space' || kind === 'reader',
  );
}

/** Operators and casts depend on no table: whoever has them, and whose function they call. */
function checkOperator(inside: DatabaseContext, graph: Graph, edge: Edge): void {
  const routine = graph.nodes.get(edge.to);
  const theirs = routine ? ownerOf(inside, routine.owner) : null;
  if (!routine || !theirs || inside.snapshot.principalOf(edge.owner)?.name === theirs.name) return;
  inside.findings.add('S31', {
    from: theirs.name,
    to: inside.snapshot.principalOf(edge.owner)?.name ?? inside.place.target,
    statement: `${edge.kind} ${edge.name} in ${inside.place.database}`,
    answer: `it calls ${routine.name}, which belongs to ${routine.owner}`,
    stuck: endingCall(edge, null, routine, isGiven(inside, inside.snapshot.principalOf(edge.owner)) ? edge.owner : null),
  });
}

function checkJoint(inside: DatabaseContext, carried: Carried, graph: Graph, { edge, node }: Hanging): void {
  const { snapshot, findings, place } = inside;
  const other = graph.nodes.get(edge.to);
  if (!other) return;
  const [mine, theirs] = [ownerOf(inside, node.owner), ownerOf(inside, other.owner)];
  if (snapshot.principalOf(node.owner)?.name === snapshot.principalOf(other.owner)?.name) return;
  const statement = `${named(edge)} of ${node.name} in ${place.database}`;
  const put = (id: string, from: Principal | null, to: Node, answer: string): void => {
    const reached = carried.dataOf(to);
    if (from && reached !== null && reached !== from.name) findings.add(id, { from: from.name, to: reached, statement, answer });
  };
  if (edge.kind === 'sequence') put('S32', theirs, node, `its values come from ${other.name}, of ${other.owner}`);
  if (edge.kind === 'child') {
    put('S32', mine, other, `rows of ${other.name}, of ${other.owner}, lie in it or are read from it`);
    put('S32', theirs, node, `it is read and written through ${other.name}, of ${other.owner}`);
  }
  if (!edge.kind.endsWith('key')) return;
  put('S21', mine, other, `it refers to ${other.name}: it tells which keys are there, and holds its rows`);
  if (edge.kind === 'cascading key') put('S32', theirs, node, `rows go with those of ${other.name}, of ${other.owner}`);
}

function checkType(inside: DatabaseContext, carried: Carried, graph: Graph, { edge, node }: Hanging): void {
  const type = graph.types.get(edge.to);
  const theirs = type ? ownerOf(inside, type[0]) : null;
  const reached = carried.dataOf(node);
  if (!type || !theirs || reached === null || theirs.name === reached || inside.snapshot.principalOf(node.owner)?.name === theirs.name)
    return;
  inside.findings.add('S32', {
    from: theirs.name,
    to: reached,
    statement: `column ${edge.name} of ${node.name} in ${inside.place.database}`,
    answer: `its type ${type[1]} belongs to ${type[0]}, who can drop it and the column with it`,
  });
}

/** A rule answers instead of the table, with its owner's rights: the guard says nothing about it. Nobody meets it where no app may use the table. */
function checkRule(inside: DatabaseContext, { edge, node }: Hanging): void {
  const { findings, place } = inside;
  if (
    !Object.entries(node.acl).some(
      ([grantee, letters]) => grantee !== node.owner && /[arwd]/.test(letters) && isTenants(inside, grantee, letters),
    )
  )
    return;
  findings.add('R17', {
    from: null,
    to: place.target,
    statement: `rule ${edge.name} of ${node.name} in ${place.database}`,
    answer: 'it rewrites what apps send',
  });
}
