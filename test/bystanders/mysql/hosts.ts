import type { Holder, Right } from './rights.ts';
import { covers, databaseIn } from './rights.ts';

/** One account, and what it was granted by its own name. */
export interface AtHost {
  readonly key: string;
  readonly user: string;
  readonly host: string;
  readonly holder: Holder;
}

/**
 * What somebody has by rows of the same user for more hosts, whichever account let the client in: below the level of the server the
 * row for the nearest host counts, and only that one.
 */
export function byOtherHosts(account: AtHost, accounts: readonly AtHost[]): readonly Right[] {
  // A role of MariaDB has no host, and a right to act as somebody is looked up when the client comes in.
  if (account.host === '') return [];
  const more = accounts
    .filter(({ key, user, host }) => key !== account.key && user === account.user && host !== '' && isWider(host, account.host))
    .sort((one, other) => narrowness(other.host) - narrowness(one.host));
  const nearer = [...account.holder.rights];
  const out: Right[] = [];
  for (const { holder } of more) {
    out.push(...holder.rights.filter((right) => right.on !== '*.*' && right.privilege !== 'PROXY' && !isHidden(right, nearer)));
    nearer.push(...holder.rights);
  }
  return out;
}

/** A row about the same database, or the same thing in it, that the server comes to first. */
function isHidden({ on }: Right, nearer: readonly Right[]): boolean {
  const database = on.endsWith('.*') ? databaseIn(on) : null;
  return nearer.some(
    (one) => one.on === on || (database !== null && one.on.endsWith('.*') && one.on !== '*.*' && covers([one], { ...one, on })),
  );
}

/** True where every client that fits the one host fits the other. */
function isWider(wide: string, narrow: string): boolean {
  const net = netOf(wide);
  if (net === null) return like(wide).test(narrow);
  const inner = netOf(narrow) ?? netOf(`${narrow}/255.255.255.255`);
  return inner !== null && (inner.mask & net.mask) >>> 0 === net.mask && (inner.address & net.mask) >>> 0 === net.address;
}

function narrowness(host: string): number {
  const at = host.search(/[%_]/);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

function netOf(host: string): { readonly address: number; readonly mask: number } | null {
  const [, address, mask] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+\.\d+\.\d+\.\d+)$/.exec(host) ?? [];
  return address === undefined || mask === undefined ? null : { address: numberOf(address), mask: numberOf(mask) };
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

function like(pattern: string): RegExp {
  const source = pattern.replaceAll(/%|_|[^%_]/g, (sign) =>
    sign === '%' ? '.*' : sign === '_' ? '.' : sign.replace(/[^\w]/, String.raw`\$&`),
  );
  return new RegExp(`^${source}$`, 'i');
}
