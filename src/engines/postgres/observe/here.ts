import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/** Milliseconds in which a name is looked up. */
const PATIENCE = 2000;

/** What is known of where the server is. */
export interface Whereabouts {
  /** As the manifest names it. */
  readonly host: string;
  /** As the server calls the end of our own connection; null: a socket. */
  readonly address: string | null;
  /** listen_addresses, taken apart. */
  readonly listens: readonly string[];
  readonly ports: ReadonlySet<string>;
}

/** Where somebody else's connection leads, as libpq takes it: several hosts and ports are possible. */
export interface Destination {
  readonly host: string | null;
  readonly port: string | null;
}

/** Names on the way here; null: it cannot be told where a name leads. */
export type Lookup = (name: string) => Promise<readonly string[] | null>;

/**
 * Which of these destinations can be this server. One that cannot be told is taken for it: nobody is to lose a way unsaid. An
 * address that is neither the server's nor of this machine is elsewhere.
 */
export async function leadingHere(
  at: Whereabouts,
  destinations: readonly Destination[],
  look: Lookup = lookUpName,
): Promise<(to: Destination) => boolean> {
  const hosts = new Set(destinations.flatMap((one) => placesOf(one).map(([host]) => host)));
  const known = new Map<string, readonly string[] | null>();
  for (const name of [...hosts, at.host].filter((one) => !isSocket(one))) known.set(name, await look(name));
  const own = ownAddresses(at, known.get(at.host) ?? []);
  const isHere = (host: string): boolean => {
    const addresses = isSocket(host) || host === at.host ? null : (known.get(host) ?? null);
    return addresses === null || addresses.some((one) => isLoop(one) || own.has(one));
  };
  return (to) => placesOf(to).some(([host, port]) => at.ports.has(port) && isHere(host));
}

/** Host and port of each place that is tried in turn; '' is the server's own socket. */
function placesOf({ host, port }: Destination): readonly (readonly [string, string])[] {
  const ports = (port ?? '').split(',');
  return (host ?? '')
    .split(',')
    .map((one, index) => [one.trim(), (ports.length === 1 ? ports[0] : ports[index])?.trim() || '5432'] as const);
}

function isSocket(host: string): boolean {
  return host === '' || host.startsWith('/') || host.startsWith('@');
}

function ownAddresses({ host, address, listens }: Whereabouts, resolved: readonly string[]): ReadonlySet<string> {
  const own = [address ?? '', ...listens, ...resolved].map(plain).filter((one) => isIP(one) !== 0);
  const local = isSocket(host) || resolved.map(plain).some(isLoop);
  const machine = local ? Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map((one) => plain(one.address))) : [];
  return new Set([...own, ...machine]);
}

/** Every address of 127/8, and what stands for any. */
function isLoop(address: string): boolean {
  return /^127\.|^(::1|::|0\.0\.0\.0)$/.test(address);
}

/** One spelling of an address. */
function plain(address: string): string {
  const bare = address.replace(/%.*$/, '').replace(/\/\d+$/, '');
  if (isIP(bare) !== 6) return bare;
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

async function lookUpName(name: string): Promise<readonly string[] | null> {
  if (isIP(name.replace(/%.*$/, '')) !== 0) return [plain(name)];
  // The machine's own name may be in no directory.
  if (name.toLowerCase() === hostname().toLowerCase()) return ['127.0.0.1'];
  const late = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE, null).unref());
  const found = lookup(name, { all: true }).then(
    (all) => all.map(({ address }) => plain(address)),
    () => null,
  );
  return await Promise.race([found, late]);
}
