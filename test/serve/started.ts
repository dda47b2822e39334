import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKey } from '../../src/app/keys.ts';
import { openProject } from '../../src/app/project.ts';
import type { KeyScope } from '../../src/model/index.ts';
import { serve, type ServeOptions } from '../../src/serve/serve.ts';
import { tempDir } from '../support/temp-dir.ts';

export interface Ask {
  readonly method?: string;
  readonly key?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** null: it is no JSON. */
  readonly json: unknown;
}

/** A service on a manifest in a folder of its own, or in that of another one, in this process. */
export interface Started extends AsyncDisposable {
  readonly path: string;
  readonly url: string;
  /** What it has said. */
  readonly log: readonly string[];
  write(manifest: string): Promise<void>;
  key(scope: KeyScope): Promise<string>;
  ask(path: string, how?: Ask): Promise<Answered>;
  /** Asks again until it is as wanted. */
  until(path: string, isIt: (answer: Answered) => boolean, how?: Ask): Promise<Answered>;
  /** Ends the service; the folder stays. */
  stop(): Promise<void>;
  /** Starts something, and waits for its end. */
  done(path: string, how: Ask): Promise<Answered>;
}

const PATIENCE = 60_000;

export async function started(
  manifest: string,
  env: Readonly<Record<string, string | undefined>>,
  more: Partial<ServeOptions> & { readonly beside?: Started } = {},
): Promise<Started> {
  const { beside, ...options } = more;
  const folder = beside ? { path: beside.path, [Symbol.asyncDispose]: async () => await Promise.resolve() } : await tempDir();
  const file = join(folder.path, 'cotenant.yaml');
  if (!beside) await writeFile(file, manifest);
  const end = new AbortController();
  const log: string[] = [];
  const open = { cwd: folder.path, env };
  const serving = await serve({
    open,
    host: '127.0.0.1',
    port: 0,
    tls: null,
    behindProxy: false,
    hosts: [],
    interval: 1000,
    rest: 1,
    verifyEvery: null,
    version: '0.0.0-test',
    signal: end.signal,
    say: (text) => log.push(text),
    ...options,
  });
  const stop = async (): Promise<void> => {
    end.abort(new Error('the test is over'));
    await serving.ended;
  };
  let names = 0;
  const ask: Started['ask'] = async (path, how) => await asked(`${serving.url}${path}`, how);
  const until: Started['until'] = async (path, isIt, how) => {
    const late = Date.now() + PATIENCE;
    for (;;) {
      const answer = await ask(path, how);
      if (isIt(answer)) return answer;
      if (Date.now() > late) throw new Error(`${path} still says ${answer.status} ${answer.text.slice(0, 2000)}\n${log.join('\n')}`);
      await sleep(50);
    }
  };
  return {
    path: folder.path,
    url: serving.url,
    log,
    write: async (text) => await writeFile(file, text),
    key: async (scope) => {
      names += 1;
      return (await createKey(await openProject(open), { name: `key${names}`, scope, lasts: null })).key;
    },
    ask,
    until,
    done: async (path, how) => {
      const begun = await ask(path, { method: 'POST', ...how });
      if (begun.status !== 202) throw new Error(`${begun.status} ${begun.text}`);
      const { key } = how;
      const at = begun.headers.get('location') ?? '';
      return await until(at, ({ json }) => isOver(json), key === undefined ? {} : { key });
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** On a machine that stood still a connection may have been given up between two requests. */
async function asked(url: string, how: Ask = {}): Promise<Answered> {
  return await askedOnce(url, how).catch(async (error: unknown) => {
    if ((how.method ?? 'GET') !== 'GET') throw error;
    return await askedOnce(url, how);
  });
}

async function askedOnce(url: string, { method = 'GET', key, body, headers = {} }: Ask): Promise<Answered> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function isOver(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'until' in json && json.until !== null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
