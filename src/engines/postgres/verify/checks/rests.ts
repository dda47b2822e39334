import type { DatabaseContext } from '../database-context.ts';
import { endingRest } from '../ending-calls.ts';
import type { Graph } from '../graph/graph.ts';
import type { RestRow } from '../graph/rests.ts';
import type { Principal } from '../principals.ts';
import { outsideProbe } from '../rights.ts';
import { isMigrator } from './schemas.ts';

/**
 * Objects of every kind that rest on an object of somebody else: who owns what they rest on replaces it or takes it away, and
 * with CASCADE what rests on it; who owns what rests on it keeps the other from changing theirs.
 */
export function checkRests(inside: DatabaseContext, graph: Graph): void {
  const said = new Set(graph.edges.map(({ from, to }) => `${from} ${to}`));
  for (const row of inside.catalog.rests) {
    inside.findings.judged += 1;
    const [, , whole, , , otherNumber] = row;
    checkRest(inside, row, Number(whole) !== 0 && said.has(`${whole} ${otherNumber}`));
  }
}

/** Whose it is, as far as somebody can act as them. The operator's is the operator's, and the holder of a share is its machinery. */
function liveOwner(inside: DatabaseContext, role: string): Principal | null {
  const { snapshot } = inside;
  const principal = role === '' ? null : snapshot.principalOf(role);
  if (principal === null || principal.kind === 'operator' || principal.kind === 'holder' || isMigrator(inside, principal.name)) return null;
  return snapshot.holders(role).some(({ live }) => live) ? principal : null;
}

function checkRest(inside: DatabaseContext, [owner, what, , otherOwner, other, , code]: RestRow, said: boolean): void {
  const { snapshot, findings, place } = inside;
  const theirs = liveOwner(inside, otherOwner);
  const mine = owner === '' ? null : snapshot.principalOf(owner);
  if (theirs === null || theirs.name === mine?.name || mine?.kind === 'holder') return;
  // What a stranger or a retired app has made of it is theirs to lose; a share is there to be built on.
  if (mine !== null && (outsideProbe(mine.kind) !== null || isShared(inside, theirs.name, mine.name))) return;
  // Of the operator's own only what runs somebody's code counts: that it may go is between the two.
  const own = mine === null || isMigrator(inside, mine.name);
  if (own && !code) return;
  const statement = `${what} in ${place.database}`;
  const to = mine?.name ?? place.target;
  if (!said)
    findings.add(code ? 'S31' : 'S32', {
      from: theirs.name,
      to,
      statement,
      answer: `it ${code ? 'runs' : 'rests on'} ${other}, of ${otherOwner}, who can ${code ? 'replace it' : 'drop it and this with it'}`,
      ...(code ? { stuck: endingRest(what, other, own ? null : owner) } : {}),
    });
  if (!own)
    findings.add('S32', {
      from: to,
      to: theirs.name,
      statement,
      answer: `it rests on ${other}, which ${otherOwner} cannot drop or change as long as it stands`,
      verdict: 'STARVE',
    });
}

function isShared({ snapshot }: DatabaseContext, from: string, to: string): boolean {
  return snapshot.input.shares.some((share) => share.from === from && share.to === to);
}
