import { type Client, makeClient } from '../connect/client.ts';
import type { Target } from '../connect/connection.ts';
import { errorCode } from '../connect/trouble.ts';

/** Milliseconds that one attempt may take. */
const PATIENCE = 5000;

export interface Answer {
  readonly outcome: 'denied' | 'succeeded' | 'broken';
  /** The first word of an error, or ''. */
  readonly code: string;
  /** The server's message, or that it was done. Never what came back. */
  readonly text: string;
}

/** A connection with a tenant's own credentials, or with none. */
export class TenantSession implements AsyncDisposable {
  readonly #client: Client;
  /** It may begin a transaction and give it up. */
  readonly #canGiveUp: boolean;

  private constructor(client: Client, canGiveUp: boolean) {
    this.#client = client;
    this.#canGiveUp = canGiveUp;
  }

  /** Gives the session, or the server's refusal. `login` null: no login at all. */
  static async enter(
    target: Target,
    login: { readonly user: string; readonly password: string } | null,
    deadline: number,
  ): Promise<TenantSession | Answer> {
    const client = makeClient(3, { ...target, login, deadline });
    try {
      await client.connect();
      return new TenantSession(client, login !== null && (await canGiveUp(client)));
    } catch (error) {
      if (client.isOpen) client.destroy();
      // Who is not let in has got through to nothing, whatever the reason: the server may be full.
      const answer = answerOf(error);
      return answer.outcome === 'succeeded' ? { ...answer, outcome: 'broken' } : answer;
    }
  }

  /** One command. `reached`: whether an answer that is no error means that it got through. */
  async attempt(words: readonly string[], reached: (reply: unknown) => boolean = () => true): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Answer>((resolve) => {
      timer = setTimeout(() => resolve({ outcome: 'broken', code: '', text: 'no answer in time' }), PATIENCE);
    });
    try {
      return await Promise.race([this.#run(words, reached), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The user that the server takes this connection for. */
  async whoami(): Promise<string> {
    const info: unknown = await this.#client.sendCommand(['CLIENT', 'INFO']).catch(() => '');
    return typeof info === 'string' ? (/ user=(\S+)/.exec(info)?.[1] ?? '') : '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#client.isOpen) this.#client.destroy();
    await Promise.resolve();
  }

  /** The access list is asked when a command is queued: who listens to the channel hears nothing of it. */
  async #unheard(words: readonly string[]): Promise<void> {
    const all = [['MULTI'], [...words], ['DISCARD']].map(async (one): Promise<unknown> => await this.#client.sendCommand(one));
    const [, queued] = await Promise.allSettled(all);
    if (queued?.status === 'rejected') throw queued.reason;
  }

  async #run(words: readonly string[], reached: (reply: unknown) => boolean): Promise<Answer> {
    const [command = '', channel = ''] = words;
    const heard = (): void => undefined;
    try {
      // Answers to these come like messages do: only the library's own functions for them see the answer.
      if (command === 'SUBSCRIBE') {
        await this.#client.subscribe(channel, heard);
        await this.#client.unsubscribe(channel);
      } else if (command === 'PSUBSCRIBE') {
        await this.#client.pSubscribe(channel, heard);
        await this.#client.pUnsubscribe(channel);
      } else if (command === 'SSUBSCRIBE') {
        await this.#client.sSubscribe(channel, heard);
        await this.#client.sUnsubscribe(channel);
      } else if (this.#canGiveUp && (command === 'PUBLISH' || command === 'SPUBLISH')) await this.#unheard(words);
      else {
        const reply: unknown = await this.#client.sendCommand([...words]);
        if (!reached(reply)) return { outcome: 'denied', code: 'NOPERM', text: 'refused inside of the script' };
      }
      return { outcome: 'succeeded', code: '', text: 'done' };
    } catch (error) {
      return answerOf(error);
    }
  }
}

/** The words by which a server says that it would do it, were there a transaction. */
async function canGiveUp(client: Client): Promise<boolean> {
  const answers = await Promise.all(
    [['MULTI'], ['DISCARD'], ['DISCARD']].map(async (words) => await client.sendCommand(words).then(String, String)),
  );
  return answers[0] === 'OK' && answers[1] === 'OK' && /without MULTI/i.test(answers[2] ?? '');
}

/** Refused by the access list, or before it. */
const DENIED = new Set(['NOPERM', 'NOAUTH', 'WRONGPASS']);
/** The server answered nothing that speaks of a wall. */
const BUSY = new Set([
  '',
  'BUSY',
  'CLUSTERDOWN',
  'INPROG',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOMASTERLINK',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
]);
/** What the server says before it looks at its access list: there is no such command, it has fewer words, no connection is free. */
const BEFORE = /^ERR (?:unknown (?:command|subcommand)|wrong number of arguments|max number of clients)/i;

/** By the code; by the text only where one code stands for what comes before the access list, and for what comes after it has let a command through. */
function answerOf(error: unknown): Answer {
  const code = errorCode(error);
  const text = error instanceof Error ? error.message : String(error);
  const isBroken = BUSY.has(code) || BEFORE.test(text);
  return { outcome: DENIED.has(code) ? 'denied' : isBroken ? 'broken' : 'succeeded', code, text };
}
