import type { Path } from '../model/index.ts';
import type { InstanceInput } from './input.ts';

/** What somebody may open at most. */
export interface Demand {
  readonly who: string;
  readonly connections: number;
}

interface Overdrawn {
  readonly message: string;
  /** Who asks for the most, the last of several. */
  readonly largest: string | undefined;
}

/** Where diagnostics about an instance are collected. */
interface Collecting {
  readonly input: Pick<InstanceInput, 'name' | 'path' | 'placements'>;
  error(code: string, message: string, path: Path, hint?: string): void;
}

/** How many of those who ask are named, the largest first. */
const NAMED = 20;

/** Null where all may open what they are given; else the arithmetic, in a sentence. `how` says where `available` comes from. */
export function overdrawn(instance: string, demands: readonly Demand[], available: number, how: string): Overdrawn | null {
  const sum = demands.reduce((total, { connections }) => total + connections, 0);
  if (sum <= available) return null;
  const sorted = demands.toSorted((a, b) => b.connections - a.connections);
  const named = demands.length > NAMED ? sorted.slice(0, NAMED) : demands;
  const rest = sum - named.reduce((total, { connections }) => total + connections, 0);
  const terms = named.map(({ who, connections }) => `${who} ${connections}`);
  if (demands.length > named.length) terms.push(`${demands.length - named.length} others ${rest}`);
  return {
    message: `the apps on "${instance}" may open ${sum} connections, but only ${available} are available (${how}): ${terms.join(' + ')} = ${sum}`,
    // Whoever came last is who does not fit.
    largest: demands.findLast(({ connections }) => connections === sorted[0]?.connections)?.who,
  };
}

/** CT2004 at whoever asks for the most, where the limits add up to more than there is. */
export function checkBudget(draft: Collecting, demands: readonly Demand[], available: number, how: string): void {
  const { name, path, placements } = draft.input;
  const over = overdrawn(name, demands, available, how);
  if (!over) return;
  const where = placements.find(({ app }) => app === over.largest);
  const hint = 'lower some limits, raise max_connections, or put a pooler in front';
  draft.error('CT2004', over.message, where ? [...where.path, 'connections'] : path, hint);
}
