import type { DatabaseContext } from '../database-context.ts';
import { Carried, type Way } from '../graph/carried.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { isMigrator } from './schemas.ts';
import { type Excess, excess, only, probeFor, who, words } from '../rights.ts';

/** What nobody asked for, and what reaches further than the object that a right is on. Judged by what it carries, wherever it lies and whatever it is called. */
export function checkCarriers(inside: DatabaseContext, graph: Graph): void {
  const carried = new Carried(inside, graph);
  for (const node of graph.nodes.values()) {
    if (isShares(inside, node)) continue;
    inside.findings.judged += 1;
    if (node.kind === 'function') checkRoutine(inside, carried, node);
    else checkRelation(inside, carried, node);
  }
}

/** Its schema is one of a share, which has checks of its own, or the guard's own part. */
function isShares({ snapshot, place, areas }: DatabaseContext, { schema, name }: Node): boolean {
  if (schema === 'cotenant')
    return place.space?.apps[0]?.placement.isolation === 'rows' && ['cotenant.workspaces', 'cotenant.workspace()'].includes(name);
  return !areas.has(schema) && snapshot.isLinked(place.database) && !isServers(schema);
}

const isServers = (schema: string): boolean => schema === 'pg_catalog' || schema === 'information_schema';

function checkRelation(inside: DatabaseContext, carried: Carried, node: Node): void {
  const { areas } = inside;
  const area = areas.get(node.schema)?.owner ?? null;
  const own = node.asOwner ? area : carried.dataOf(node);
  for (const [grantee, letters] of Object.entries(node.acl)) {
    if (grantee === node.owner) continue;
    const ways = carried.by(node, letters).filter(({ to }) => to === null || to !== own);
    for (const one of excess(inside.snapshot, { owner: null, host: inside.place.owner }, grantee, letters, 'relation'))
      report(inside, node, { one, grantee, ways });
  }
  if (area === null) checkUnasked(inside, node);
  // Who owns a materialized view reads what somebody else put into it.
  if (node.kind === 'm')
    for (const one of excess(inside.snapshot, { owner: null }, node.owner, 'r', 'relation'))
      report(inside, node, { one, grantee: node.owner, ways: carried.by(node, 'r').filter(({ to }) => to === null || to !== area) });
}

interface Found {
  readonly one: Excess;
  readonly grantee: string;
  readonly ways: readonly Way[];
}

function report(inside: DatabaseContext, node: Node, { one, grantee, ways }: Found): void {
  const { snapshot, findings, place } = inside;
  if (isMigrator(inside, one.from) || one.kind === 'operator') return;
  const principal = snapshot.named(one.from);
  for (const way of ways) {
    if (way.to !== null && (way.to === one.from || (way.reads && principal?.reads.has(way.to) === true))) continue;
    // In a database of its own everybody who may come in is one of the app's.
    if (way.to !== null && one.from === null && place.app === way.to) continue;
    findings.add(probeFor('S30', one), {
      from: one.from,
      to: way.to,
      statement: `what ${node.name} in ${place.database} leads to`,
      answer: `${who(grantee)} has ${words(only(one.letters, 'rawdDX'))} on ${way.through.join(' → ')}`,
    });
  }
}

const TABLES = ['r', 'p', 'f'];

/** Rights of apps on a table that is nobody's here, in a database that apps share. The manifest asks for none. */
function checkUnasked(inside: DatabaseContext, node: Node): void {
  const { snapshot, findings, place } = inside;
  if (place.kind !== 'space' || node.came || !TABLES.includes(node.kind) || !isOperators(inside, node)) return;
  for (const [grantee, letters] of Object.entries(node.acl)) {
    if (grantee === node.owner) continue;
    for (const one of excess(snapshot, { owner: null, host: place.owner }, grantee, letters, 'relation')) {
      if (isMigrator(inside, one.from) || one.kind === 'operator' || one.kind === 'foreign') continue;
      const writes = only(one.letters, 'awdD');
      const fact = {
        from: one.from,
        to: place.target,
        statement: `access list of table ${node.name} in ${place.database}`,
        answer: `${who(grantee)} has ${words(one.letters)}`,
      };
      if (only(one.letters, 't') !== '') findings.add(probeFor('S20', one), fact);
      if (writes !== '' || only(one.letters, 'r') !== '')
        findings.add(probeFor('S33', one), { ...fact, ...(writes === '' ? { verdict: 'RESIDUAL' as const } : {}) });
    }
  }
}

/** Nobody's whom the manifest knows. */
function isOperators({ snapshot, place }: DatabaseContext, { owner, schema }: Node): boolean {
  const principal = snapshot.principalOf(owner);
  const rows = place.space?.apps[0]?.placement.isolation === 'rows';
  return principal === null && !(rows && schema === 'cotenant');
}

/** Routines with their owner's rights where no other check looks: schemas of the server, one that is called as ours, members of extensions. */
function checkRoutine(inside: DatabaseContext, carried: Carried, node: Node): void {
  const { snapshot, findings, place, areas } = inside;
  const judged = areas.has(node.schema) && node.schema !== 'cotenant' && !node.member;
  if (node.came || judged || !node.asOwner || !node.called) return;
  for (const [grantee, letters] of Object.entries(node.acl)) {
    if (grantee === node.owner || !letters.includes('X')) continue;
    for (const one of excess(snapshot, { owner: null, host: place.owner }, grantee, letters, 'function'))
      for (const { to } of carried.by(node, letters)) {
        if (to === one.from && to !== null) continue;
        findings.add(probeFor('E4', one), {
          from: one.from ?? place.app,
          to: to ?? (place.app === null ? place.target : null),
          statement: `function ${node.name} in ${place.database}`,
          answer: `${who(grantee)} may call it; it runs as ${node.owner}${node.pinned ? '' : ', with the search_path of whoever calls it'}`,
        });
      }
  }
}
