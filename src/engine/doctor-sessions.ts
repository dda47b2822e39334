import type { Remedy } from '../model/index.ts';
import { append } from '../util/append.ts';
import { lasting } from '../util/duration.ts';
import type { DoctorLimits, Examining } from './doctor.ts';
import { common } from './doctor-checks.ts';

/** Whose a login is. */
export interface Who {
  /** The app or reader; null: neither. */
  readonly app: string | null;
  /** As a subject: `shop`, or `login "backup"`. */
  readonly words: string;
}

/** Somebody who is in others' way. */
export interface Blocker {
  /** As the server numbers it; equal for the same one. */
  readonly id: string;
  readonly who: Who;
  /** `session 4711, idle in transaction for 3 min`. */
  readonly words: string;
  /** How it is ended, the mildest first. */
  readonly remedy: readonly Remedy[];
}

/** One session that waits for one other. */
export interface Waiting {
  readonly id: string;
  readonly who: Who;
  /** null: the server does not tell. */
  readonly seconds: number | null;
  readonly blocker: Blocker;
}

/** CT-D107: one finding for each who is in the way and waits for nobody. */
export function blockedSessions(on: Examining, waits: readonly Waiting[], limit: number): void {
  const byWaiter = Map.groupBy(waits, ({ id }) => id);
  const groups = new Map<string, { readonly root: Blocker; readonly waiting: Waiting[] }>();
  for (const wait of waits.filter(({ seconds }) => seconds === null || seconds >= limit)) {
    const root = rootOf(wait.blocker, byWaiter);
    const group = groups.get(root.id) ?? { root, waiting: [] };
    if (!group.waiting.some(({ id }) => id === wait.id)) group.waiting.push(wait);
    groups.set(root.id, group);
  }
  for (const { root, waiting } of groups.values()) tell(on, root, waiting);
}

/** Whoever waits for nobody, at the end of a chain; in a circle, the one that was met first. */
function rootOf(first: Blocker, byWaiter: ReadonlyMap<string, readonly Waiting[]>): Blocker {
  const seen = new Set<string>();
  let at = first;
  for (;;) {
    const next = byWaiter.get(at.id)?.[0]?.blocker;
    if (next === undefined || seen.has(next.id)) return at;
    seen.add(at.id);
    at = next;
  }
}

function tell(on: Examining, root: Blocker, waiting: readonly Waiting[]): void {
  const by = [...Map.groupBy(waiting, ({ who }) => who.words)].map(([words, some]) => `${sessions(some.length)} of ${words}`);
  const longest = waiting.reduce((most, { seconds }) => Math.max(most, seconds ?? 0), 0);
  const others = waiting.some(({ who }) => who.words !== root.who.words);
  const since = longest > 0 ? `, the longest for ${lasting(longest)}` : '';
  on.found(common.blocked, others ? 'error' : 'warning', {
    apps: namesOf([root.who, ...waiting.map(({ who }) => who)]),
    what: `${root.who.words} (${root.words}) blocks ${listed(by)}${since}`,
    evidence: { blocker: root.who.words, waiting: waiting.length, seconds: Math.floor(longest) },
    remedy: root.remedy,
  });
}

/** A session whose transaction or statement goes on. */
export interface LongSession {
  readonly id: string;
  readonly who: Who;
  readonly doing: 'idle' | 'statement' | 'transaction';
  /** What it does, for that long. */
  readonly seconds: number;
  readonly remedy: readonly Remedy[];
}

const KINDS = [
  { doing: 'idle', check: common.idle, severity: 'warning', words: 'idle in a transaction' },
  { doing: 'transaction', check: common.transaction, severity: 'warning', words: 'in one transaction' },
  { doing: 'statement', check: common.query, severity: 'info', words: 'in one statement' },
] as const;

/** CT-D108 to CT-D110: one finding for each who has such sessions. */
export function longSessions(on: Examining, all: readonly LongSession[]): void {
  for (const { doing, check, severity, words } of KINDS) {
    const groups = new Map<string, LongSession[]>();
    for (const one of all) if (one.doing === doing) append(groups, one.who.words, one);
    for (const some of groups.values()) {
      const [longest] = some.sort((a, b) => b.seconds - a.seconds);
      if (!longest) continue;
      const { who, seconds, id, remedy } = longest;
      on.found(check, severity, {
        apps: namesOf([who]),
        what: `${who.words} has ${sessions(some.length)} ${words}, the longest for ${lasting(seconds)} (session ${id})`,
        evidence: { login: who.words, sessions: some.length, session: id, seconds: Math.floor(seconds) },
        remedy,
      });
    }
  }
}

/** What a session is doing for too long; null: nothing. Seconds of its transaction, and of what it does in that. */
export function longDoing(
  state: 'idle' | 'active' | 'other',
  { open, here }: { readonly open: number | null; readonly here: number },
  limits: DoctorLimits,
): Pick<LongSession, 'doing' | 'seconds'> | null {
  if (state === 'idle' && here >= limits.idle) return { doing: 'idle', seconds: here };
  if (open !== null && open >= limits.transaction) return { doing: 'transaction', seconds: open };
  if (state === 'active' && here >= limits.query) return { doing: 'statement', seconds: here };
  return null;
}

/** The apps among them, each once. */
function namesOf(who: readonly Who[]): readonly string[] {
  return [...new Set(who.flatMap(({ app }) => app ?? []))].sort();
}

/** `a, b and c`. */
function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

function sessions(n: number): string {
  return `${n} ${n === 1 ? 'session' : 'sessions'}`;
}
