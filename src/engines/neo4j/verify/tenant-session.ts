import type { Client } from '../connect/client.ts';
import { within } from '../connect/connection.ts';
import { errorCode } from '../connect/trouble.ts';

/** Milliseconds that one attempt may take. */
const PATIENCE = 10_000;

export interface Answer {
  readonly outcome: 'denied' | 'succeeded' | 'broken';
  /** The server's code, or ''. */
  readonly code: string;
  /** That it was done, or the server's code. Never what came back. */
  readonly text: string;
}

/** The same code stands for what the server would not do and for what it tried: a file that is not there, a port where nobody listens. */
const EXTERNAL = 'Neo.ClientError.Statement.ExternalResourceFailed';
const BY_CONFIGURATION = /configuration property/i;

/** One statement with an app's own credentials. */
export async function attempt(client: Client, text: string, database: string): Promise<Answer> {
  try {
    await within(client.run({ text }, { database }), PATIENCE, 'no answer in time');
    return { outcome: 'succeeded', code: '', text: 'done' };
  } catch (error) {
    const code = errorCode(error);
    const said = error instanceof Error ? error.message : '';
    if (code === EXTERNAL)
      return BY_CONFIGURATION.test(said)
        ? { outcome: 'denied', code, text: code }
        : { outcome: 'succeeded', code, text: 'the server tried to load it' };
    return { outcome: 'broken', code, text: code === '' ? said : code };
  }
}

/** What a refused login comes to. `code` null: let in. */
export function loginAnswer(code: string | null): Answer {
  if (code === null) return { outcome: 'succeeded', code: '', text: 'logged in' };
  if (!code.startsWith('Neo.ClientError.Security.')) return { outcome: 'broken', code, text: code === '' ? 'no answer' : code };
  return { outcome: code.endsWith('CredentialsExpired') ? 'succeeded' : 'denied', code, text: code };
}
