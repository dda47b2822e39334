import type { FastifyRequest } from 'fastify';
import type { KeyInfo } from '../model/index.ts';
import { problem } from './problem.ts';
import { type Access, hostOf, isAnswered, isLoopback, judge, type Who, type WrongKeys } from './who.ts';

/** What decides who comes in. */
export interface Door {
  /** Names under which the service is called besides `localhost` and addresses. */
  readonly hosts: readonly string[];
  /** A proxy is in front, so that everybody seems to be on this machine. */
  readonly behindProxy: boolean;
  readonly wrongKeys: WrongKeys;
  /** Whose a key is; null: nobody's. */
  findKey(key: string): Promise<KeyInfo | null>;
  /** Notes that it was used. Never fails. */
  used(key: KeyInfo): void;
}

/** Who asks, where they may. `access` null: there is nothing at that path. Throws what they are answered instead. */
export async function admit(door: Door, request: FastifyRequest, access: Access | null): Promise<Who> {
  checkPlaces(door, request);
  // Whoever looks whether the process lives is in need of no key, and of no right one.
  if (access === 'public') return { kind: 'nobody' };
  const who = await whoAsks(door, request);
  if (access === null) return who;
  const verdict = judge(who, access);
  if (verdict === 401)
    throw problem(401, 'CT4660', 'a key is needed', {
      hint: 'Make one with `cotenant key create`, and send it as `Authorization: Bearer …`',
      headers: { 'www-authenticate': 'Bearer' },
    });
  if (verdict === 403) throw problem(403, 'CT4662', 'this key does not reach so far', { hint: '`cotenant key list` shows its scope' });
  if (who.kind === 'key') door.used(who.key);
  return who;
}

/** A page of somebody else's, in a browser on this machine, must not ask for it. */
function checkPlaces({ hosts, behindProxy }: Door, { headers, raw, protocol }: FastifyRequest): void {
  // With a host in it the path would outweigh the header.
  if (raw.url?.startsWith('/') !== true) throw problem(400, 'CT4663', 'the path begins with /');
  // Of two the server reads one and a proxy the other.
  if (raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length > 1)
    throw problem(400, 'CT4663', 'a request has one Host');
  const host = hostOf(headers.host ?? '');
  if (!isAnswered(host, hosts))
    throw problem(421, 'CT4672', 'the service is not called so', { hint: 'Start it with --host and the name that you use' });
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  const own = [`${protocol}://${headers.host?.toLowerCase()}`, ...(behindProxy ? [`https://${headers.host?.toLowerCase()}`] : [])];
  const foreign = origin !== undefined && !own.includes(originOf(origin));
  if (foreign || site === 'cross-site' || site === 'same-site')
    throw problem(403, 'CT4672', 'a page of another origin asks', { hint: 'Ask without a browser, or from a page of this service' });
}

/** As a browser writes it, in small letters; '' for what is none. */
function originOf(origin: string): string {
  return URL.canParse(origin) && new URL(origin).origin === origin.toLowerCase() ? origin.toLowerCase() : '';
}

/** What proxies and their services write into a request that they pass on. */
const FORWARDED =
  /^(?:forwarded|via|client-ip|true-client-ip|cdn-loop|fastly-client-ip|.*-(?:real|client|connecting|forwarded)-?ip|x-original-.*|x-forwarded.*|x-azure-.*|x-envoy-.*|x-amzn-.*|cf-.*)$/;

async function whoAsks(door: Door, request: FastifyRequest): Promise<Who> {
  const address = request.socket.remoteAddress ?? '';
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const key = /^Bearer +([\x21-\x7e]{1,200})$/i.exec(authorization)?.[1] ?? '';
    const found = await door.findKey(key);
    if (found) return { kind: 'key', key: found };
    const wait = door.wrongKeys.add(address);
    if (wait !== null) throw problem(429, 'CT4673', 'too many keys were wrong', { headers: { 'retry-after': String(wait) } });
    throw problem(401, 'CT4661', 'nobody has this key, or its time is over', {
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    });
  }
  // Where somebody passes requests on, all of them seem to come from here.
  const isPassedOn = door.behindProxy || Object.keys(request.headers).some((name) => FORWARDED.test(name));
  return isLoopback(address) && !isPassedOn ? { kind: 'local' } : { kind: 'nobody' };
}
