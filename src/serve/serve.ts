import { readFile, stat } from 'node:fs/promises';
import { keysOf } from '../app/keys.ts';
import type { OpenOptions } from '../app/types.ts';
import { DiagnosticError, fail, type KeyInfo } from '../model/index.ts';
import { errorCode } from '../util/system.ts';
import { Collector } from './collector.ts';
import { httpServer } from './http.ts';
import { Operations } from './operations.ts';
import { problem } from './problem.ts';
import { byTheClock } from './proving.ts';
import { routes } from './routes.ts';
import type { Service } from './route.ts';
import { troubleOf } from './slot.ts';
import { isLoopback, Noted, WrongKeys } from './who.ts';
import { World } from './world.ts';

export interface ServeOptions {
  readonly open: Omit<OpenOptions, 'signal'>;
  /** Where it listens. Port 0: any that is free. */
  readonly host: string;
  readonly port: number;
  /** Files; null: without TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** A proxy with TLS is in front. */
  readonly behindProxy: boolean;
  /** Names under which it is called besides `localhost` and addresses. */
  readonly hosts: readonly string[];
  /** Milliseconds between two looks at a server. */
  readonly interval: number;
  /** So many times as long as a round took, at least, is a server left alone. Default: 10. */
  readonly rest?: number;
  /** Milliseconds after which a proof is made anew; null: only where somebody asks for one. */
  readonly verifyEvery: number | null;
  readonly version: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

const REST = 10;

export interface Serving {
  readonly url: string;
  /** Resolves when it has ended: nothing is under way, and nobody is answered. */
  readonly ended: Promise<void>;
  /** What is not finished yet. */
  underWay(): readonly string[];
}

/** Begins to answer. Throws CT4653, CT4654, and what is wrong with the manifest. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { signal, say, version, host, behindProxy, hosts } = options;
  if (!isLoopback(host === 'localhost' ? '127.0.0.1' : host) && options.tls === null && !behindProxy)
    throw fail('CT4653', `${host} is reached from other machines, and keys would go there in the clear`, {
      hint: 'Give --tls-cert and --tls-key, or --behind-proxy where a proxy does TLS',
    });
  const tls = options.tls && { cert: await fileOf(options.tls.cert), key: await fileOf(options.tls.key, true) };
  const world = await World.open({ ...options.open, signal });
  const collector = new Collector(world, { interval: options.interval, rest: options.rest ?? REST, signal, say });
  const operations = new Operations(
    signal,
    () => world.project.manifest.project,
    (kind) => {
      if (kind === 'apply') collector.again();
    },
  );
  let keys = keysOf(world.project);
  let refused: string | null = null;
  const findKey = async (key: string): Promise<KeyInfo | null> => {
    if (keys.project !== world.project.manifest.project) keys = keysOf(world.project);
    try {
      const found = await keys.find(key);
      refused = null;
      return found;
    } catch (error) {
      // Where the file lies is nothing for whoever has no key. Said once: whoever asks cannot fill the log.
      const why = troubleOf(error)[0]?.message ?? '';
      if (why !== refused) say(`no key is accepted: ${why}`);
      refused = why;
      throw problem(503, 'CT4652', 'the keys cannot be read');
    }
  };
  const noted = new Noted((key) => keys.note(key));
  const service: Service = { collector, operations, version, signal };
  const server = httpServer({
    routes,
    service,
    tls,
    say,
    hosts,
    behindProxy,
    wrongKeys: new WrongKeys(),
    findKey,
    used: (key) => noted.add(key),
  });
  const clock = options.verifyEvery === null ? null : byTheClock(service, options.verifyEvery, say);
  const end = async (): Promise<void> => {
    await clock?.end();
    await operations.end();
    await server.close();
    await collector.end();
  };
  try {
    const url = await server.listen({ host, port: options.port });
    return { url, ended: whenAborted(signal).then(end), underWay: () => operations.underWay() };
  } catch (error) {
    await Promise.all([clock?.end(), collector.end()]);
    const code = errorCode(error);
    if (code === '') throw error;
    throw fail('CT4654', `${host}:${options.port} cannot be listened on (${code})`, { hint: 'Choose another one with --listen' });
  }
}

async function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<null>();
  signal.addEventListener('abort', () => resolve(null), { once: true });
  await promise;
}

/** `secret`: it is nothing for everybody on this machine. */
async function fileOf(path: string, secret = false): Promise<string> {
  try {
    if (secret && ((await stat(path)).mode & 0o007) !== 0)
      throw fail('CT4655', `${path} can be read or written by everybody on this machine`, { hint: `chmod o-rwx ${path}` });
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    throw fail('CT4655', `${path} cannot be read (${errorCode(error)})`, { hint: 'Give files in PEM form that this user can read' });
  }
}
