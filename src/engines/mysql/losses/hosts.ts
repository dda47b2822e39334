import { patternReaches } from '../quote.ts';

/** True where every client that a host of an account lets in fits the other one: a pattern, or a network with its mask. */
export function hostReaches(pattern: string, host: string): boolean {
  const net = netOf(pattern);
  if (net === null) return patternReaches(pattern.toLowerCase(), host.toLowerCase(), false);
  const inner = netOf(host) ?? netOf(`${host}/32`);
  return inner !== null && covers(net.mask, inner.mask) && under(inner.address, net.mask) === net.address;
}

/** Characters before the first wildcard. */
export function nearness(host: string): number {
  const at = host.search(/[%_]/);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

interface Net {
  readonly address: number;
  readonly mask: number;
}

/** `198.51.100.0/255.255.255.0`, and on MySQL `198.51.100.0/24`. */
function netOf(host: string): Net | null {
  const [net = '', width = ''] = host.split('/');
  const address = numberOf(net);
  const bits = /^(?:[1-9]|[12]\d|3[0-2])$/.test(width) ? Number(width) : null;
  const mask = bits === null ? numberOf(width) : (2 ** 32 - 2 ** (32 - bits)) >>> 0;
  return address === null || mask === null ? null : { address, mask };
}

function numberOf(address: string): number | null {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(address)) return null;
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

const under = (address: number, mask: number): number => (address & mask) >>> 0;
const covers = (wide: number, narrow: number): boolean => under(narrow, wide) === wide;
