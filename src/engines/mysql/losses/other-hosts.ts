import { databaseOf, GLOBAL, keyOf, type Target, targetOf } from '../grants.ts';
import { type RowRule, rowsFor } from '../observe/row-order.ts';
import { patternReaches } from '../quote.ts';
import type { Holder } from '../spec.ts';
import { hostReaches, nearness } from './hosts.ts';
import { add, type Rights } from './rights.ts';

type Rows = Rights['on'];

interface Held {
  readonly holder: Holder;
  readonly grants: Rows;
  readonly gone: boolean;
}

/** What counts for an account on one thing: its own row, or that of the same user for more hosts. */
export interface Counting {
  readonly target: string;
  /** Whose row it is. */
  readonly by: string;
  /** On columns as `SELECT (id)`. */
  readonly privileges: ReadonlySet<string>;
}

/**
 * Accounts of one user for several hosts. Below the level of the server a right is looked up by the name of the user and the host
 * of the client, whichever account let it in: of the rows that fit, the one with the nearest host counts, and only that one.
 */
export class OtherHosts<T extends Held> {
  readonly #byUser: ReadonlyMap<string, readonly T[]>;
  readonly #rule: RowRule;

  constructor(all: Iterable<T>, rule: Omit<RowRule, 'withRoles'>) {
    const accounts = [...all].filter(({ holder }) => !holder.isRole);
    this.#byUser = Map.groupBy(accounts, ({ holder }) => holder.user);
    this.#rule = { ...rule, withRoles: false };
  }

  /** Accounts of the same user for more hosts, the nearest first. */
  furtherThan({ key, user, host, isRole }: Holder): readonly T[] {
    const all = isRole ? [] : (this.#byUser.get(user) ?? []);
    if (all.length < 2) return [];
    return all
      .filter(({ holder, gone }) => !gone && holder.key !== key && hostReaches(holder.host, host))
      .sort((a, b) => nearness(b.holder.host) - nearness(a.holder.host));
  }

  /** Accounts that this one's rows may give something. */
  nearerThan({ key, user, host, isRole }: Holder): readonly string[] {
    const all = isRole ? [] : (this.#byUser.get(user) ?? []);
    return all.flatMap(({ holder }) => (holder.key !== key && hostReaches(host, holder.host) ? [holder.key] : []));
  }

  /** What an account may have by rows for more hosts, wherever that is. */
  lentTo({ holder, grants }: T): Rows {
    const out = new Map<string, Set<string>>();
    const nearer = [grants];
    for (const other of this.furtherThan(holder)) {
      for (const [target, privileges] of other.grants)
        if (target !== GLOBAL && !nearer.some((one) => this.#hasRowFor(one, target))) add(out, target, [...privileges].join(', '));
      nearer.push(other.grants);
    }
    return out;
  }

  #hasRowFor(grants: Rows, target: string): boolean {
    if (grants.has(target)) return true;
    const found = targetOf(target);
    const keys = [...grants.keys()];
    if (found[0] === 'table' || found[0] === 'column') return keys.some((one) => slotOf(targetOf(one)) === slotOf(found));
    return found[0] === 'database' && rowsFor(keys, found[1], this.#rule).length > 0;
  }

  /** What counts for an account in a database, and on what is in it. */
  countingIn(account: T, database: string): readonly Counting[] {
    const out = new Map<string, Counting>();
    for (const { holder, grants } of [account, ...this.furtherThan(account.holder)])
      for (const [target, privileges] of rowsIn(grants, database, this.#rule))
        if (!out.has(target)) out.set(target, { target, by: holder.key, privileges });
    return [...out.values()];
  }

  /** Of these databases those about which an account of the same user for more hosts has rows. */
  lendableTo({ holder }: T, databases: readonly string[]): readonly string[] {
    const targets = this.furtherThan(holder).flatMap(({ grants }) => [...grants.keys()].map(targetOf));
    const named = new Set(targets.map(databaseOf));
    const patterns = targets.flatMap(([kind, text = '']) => (kind === 'pattern' ? [text] : []));
    if (targets.length === 0) return [];
    return databases.filter((name) => named.has(name) || patterns.some((one) => patternReaches(one, name, this.#rule.literalNames)));
  }
}

/** The server keeps a table and its columns in one place: a row on a column stands before one on the table. */
function slotOf(target: Target): string {
  return target[0] === 'column' ? keyOf(['table', target[1], target[2]]) : keyOf(target);
}

function rowsIn(grants: Rows, database: string, rule: RowRule): Rows {
  const out = new Map<string, Set<string>>();
  const [row] = rowsFor([...grants.keys()], database, rule);
  if (row !== undefined) out.set(keyOf(['database', database]), new Set(grants.get(row)));
  for (const [key, privileges] of grants) {
    const target = targetOf(key);
    if (target[0] === 'database' || databaseOf(target) !== database) continue;
    const words = target[0] === 'column' ? [...privileges].map((one) => `${one} (${target[3]})`) : [...privileges];
    out.set(slotOf(target), new Set([...(out.get(slotOf(target)) ?? []), ...words]));
  }
  return out;
}
