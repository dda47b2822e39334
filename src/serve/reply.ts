import { createHash } from 'node:crypto';
import { appExists } from '../app/apps.ts';
import { type Diagnostic, DiagnosticError } from '../model/index.ts';
import { Problem, problem } from './problem.ts';
import type { Asked, Reply, Service } from './route.ts';
import { boundTo, type Who } from './who.ts';

/** Of a body: the same bytes have the same one. It is made of what this asker is shown, so it tells nothing of the rest. */
export function tagOf(body: string): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
}

/** What was kept, as a document. `at`: ISO time of the answer. */
export function shown(body: string, at: string | null, headers: Reply['headers'] = {}): Reply {
  const age =
    at === null
      ? {}
      : { 'last-modified': new Date(at).toUTCString(), age: String(Math.max(0, Math.round((Date.now() - Date.parse(at)) / 1000))) };
  return { body, headers: { etag: tagOf(body), ...age, ...headers } };
}

/** The app that is asked about; null: all. Throws CT4662 where the key is another app's, and CT2016. */
export function appAsked({ collector }: Service, who: Who, app: string | undefined): string | null {
  const bound = boundTo(who);
  if (bound !== null && app !== undefined && app !== bound)
    throw problem(403, 'CT4662', 'this key is for another app', { hint: 'Ask with a key of the scope read' });
  if (bound !== null) return bound;
  if (app === undefined) return null;
  const known = withStatus(404, () => appExists(collector.project, app));
  if (known) throw known;
  return app;
}

/** The problem that this work ends with; null: none. */
function withStatus(status: number, work: () => void): Problem | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof DiagnosticError) return problemOf(status, error.diagnostics);
    throw error;
  }
}

export function problemOf(status: number, diagnostics: readonly Diagnostic[]): Problem {
  const [first, ...rest] = diagnostics;
  if (!first) throw new Error('a problem has a reason');
  return new Problem(status, [first, ...rest]);
}

/** Throws CT4664 where nothing was kept yet, or what kept it from being. */
export function notYet(trouble: readonly Diagnostic[] | null): Problem {
  if (trouble !== null && trouble.length > 0) return problemOf(503, trouble);
  return problem(503, 'CT4664', 'the servers were not asked yet', { hint: 'Ask again in a second', headers: { 'retry-after': '1' } });
}

/** What this request is, for a key that may send it twice. */
export function idempotencyOf({ who, header, url, body }: Asked): { readonly key: string; readonly request: string } | null {
  const said = header('idempotency-key');
  if (said === undefined) return null;
  if (!/^[\x21-\x7e]{1,200}$/.test(said)) throw problem(400, 'CT4663', 'an Idempotency-Key has 1 to 200 visible characters');
  return { key: `${who.kind === 'key' ? who.key.id : ''} ${said}`, request: `${url} ${JSON.stringify(body)}` };
}
