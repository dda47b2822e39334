import { exitOfVerify } from '../app/exit-codes.ts';
import type { Project } from '../app/types.ts';
import { verifyProject, type VerifyRequest } from '../app/verify.ts';
import { logLine, versionLine } from '../report/stream-json.ts';
import { verifyJson } from '../report/verify-json.ts';
import { diagnosticLine, endLine } from './lines.ts';
import type { Work } from './operations.ts';
import { Pace } from './pace.ts';
import { Problem } from './problem.ts';
import type { Service } from './route.ts';
import { troubleOf } from './slot.ts';

export function interruptedBy(project: Project, signal: AbortSignal): Project {
  return { ...project, signal: AbortSignal.any([project.signal, signal]) };
}

/** Proves the walls, and keeps the proof. */
export function proving({ collector, version }: Service, project: Project, request: VerifyRequest): Work {
  return async (emit, signal) => {
    emit([versionLine(version), logLine('the proof has begun')]);
    const outcome = await verifyProject(interruptedBy(project, signal), request);
    // A proof of some apps is none of all.
    if (request.apps === undefined) await collector.proofs.keep(project, outcome);
    const { report, unreached, tries, diagnostics } = outcome;
    const exitCode = exitOfVerify(outcome);
    const result: unknown = JSON.parse(verifyJson({ report, unreached, tries, diagnostics, exitCode }));
    const end = { ending: 'done', exitCode };
    emit([...diagnostics.map(diagnosticLine), logLine('result', 'info', { result }), endLine('verify', end)]);
    return end;
  };
}

/** Milliseconds between two looks at the clock, at most. */
const TICK = 5000;
/** A proof that came to nothing is not tried again at once. */
const AGAIN = 60_000;

/** Proves when the last proof is so old, whoever made it. Of several services of one manifest and folder one does. */
export function byTheClock(service: Service, every: number, say: (text: string) => void): Pace {
  const { collector, operations, signal } = service;
  let tried = -Infinity;
  const round = async (): Promise<boolean> => {
    if (Date.now() - tried < Math.min(every, AGAIN)) return true;
    try {
      const { project, proofs } = collector;
      const isDue = proofs.last === null || Date.now() - Date.parse(proofs.last.at) >= every;
      if (!isDue || !collector.isReady || !(await proofs.isMine(project))) return true;
      // What another service has kept a moment ago may not be read yet.
      await proofs.look(project);
      if (proofs.last !== null && Date.now() - Date.parse(proofs.last.at) < every) return true;
      tried = Date.now();
      const fresh = await collector.world.fresh(signal);
      operations.start({ kind: 'verify', by: 'the clock', idempotency: null }, proving(service, fresh, {}));
      return true;
    } catch (error) {
      // Somebody else has just started one.
      if (!(error instanceof Problem) && !signal.aborted)
        say(`the proof by the clock did not begin: ${troubleOf(error)[0]?.message ?? ''}`);
      return false;
    }
  };
  return new Pace({ every: Math.min(TICK, every), rest: 1, signal, round });
}
