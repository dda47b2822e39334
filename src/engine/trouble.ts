import { type Diagnostic, DiagnosticError, fail, type Path, type Command } from '../model/index.ts';

/** CT3004: whether what was under way took effect is seen at the next run. */
export function lostConnection(why: string, instance: string): Diagnostic {
  return {
    code: 'CT3004',
    severity: 'error',
    message: `the connection to "${instance}" was lost: ${why}`,
    hint: 'run apply again: it continues from the state of the server',
    instance,
  };
}

/** What a server's own error comes to. */
export interface Refusal {
  /** What it refused, with its number or state: `a statement (error 1045)`. */
  readonly what: string;
  readonly hint: string;
}

/** CT3003 where the server refused something, CT3004 where there is no refusal: the connection broke or the server ended it. */
export function troubleOf(error: unknown, instance: string, refusal: Refusal | null, statement?: Command): Diagnostic {
  if (error instanceof DiagnosticError && error.diagnostics[0]) return error.diagnostics[0];
  const message = error instanceof Error ? error.message : String(error);
  if (!refusal) return lostConnection(message, instance);
  return {
    code: 'CT3003',
    severity: 'error',
    message: `"${instance}" refused ${refusal.what}: ${message}`,
    ...(statement ? { expected: statement.text } : {}),
    hint: refusal.hint,
    instance,
  };
}

/** What the server says no to is expected trouble: `explain` says what that comes to, and gives a defect back as it is. */
export async function explained<T>(work: Promise<T>, explain: (error: unknown) => unknown): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw explain(error);
  }
}

/** CT5007: nothing was applied for this app yet, or its password is one that only the app knows. */
export function noCredentials(
  app: string,
  instance: string,
  placed: { readonly path: Path; readonly adopted: boolean } | null,
): DiagnosticError {
  return fail('CT5007', `there are no credentials of "${app}" on "${instance}" yet`, {
    hint: placed?.adopted
      ? 'the login was adopted with its existing password, which cotenant does not know: remove `adopt` to get a new one'
      : 'run cotenant apply first',
    instance,
    ...(placed ? { path: placed.path } : {}),
  });
}
