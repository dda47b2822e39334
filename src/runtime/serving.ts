import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint, Runtime } from '../engine/index.ts';
import { DiagnosticError, fail } from '../model/index.ts';
import { livingSupervisor } from './alive.ts';
import type { ServerJob } from './job.ts';
import { logHint } from './ready.ts';

/** Milliseconds until a server has to answer: a recovery after a crash is part of it. */
const patience = 120_000;
/** A server that ended this often since we look does not come up. */
const tooOften = 4;

/** Waits until a query of the admin has got an answer. Throws CT6001, CT6002, CT3002, and AbortError. */
export async function untilServing(job: ServerJob, endpoint: Endpoint): Promise<void> {
  const { runtime, signal, place, input } = job;
  const deadline = Date.now() + patience;
  const before = (await livingSupervisor(place))?.says?.ends ?? 0;
  for (let pause = 10; ; pause = Math.min(pause * 1.5, 250)) {
    signal.throwIfAborted();
    if (await isReady(runtime, endpoint)) return;
    const about = { instance: input.name };
    if (endpoint.data !== null) {
      const living = await livingSupervisor(place);
      const ended = living?.says?.last?.how ?? 'its supervisor has exited';
      if (living === null || (living.says?.ends ?? 0) - before >= tooOften)
        throw fail('CT6001', `The server of "${input.name}" exits before it is ready (${ended}).`, {
          ...about,
          ...(await logHint(place.log)),
        });
    }
    if (Date.now() > deadline) {
      const hint = endpoint.data === null ? { hint: 'See the log of its container.' } : await logHint(place.log);
      throw fail('CT6002', `The server of "${input.name}" is running, but was not ready after ${patience / 1000} s.`, {
        ...about,
        ...hint,
      });
    }
    await sleep(pause, undefined, { signal });
  }
}

/** Another program on the port may answer with anything: that is no server of ours that is ready. */
async function isReady(runtime: Runtime, endpoint: Endpoint): Promise<boolean> {
  try {
    return await runtime.ready(endpoint);
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    return false;
  }
}
