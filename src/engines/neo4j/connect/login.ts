import { Client, type Target } from './client.ts';
import { within } from './connection.ts';
import { errorCode } from './trouble.ts';

/** A connection with somebody's own credentials; a text: the code of the server's refusal, '' where nothing was said. */
export async function logIn(target: Target, deadline: number): Promise<Client | string> {
  const client = new Client(target, deadline);
  try {
    await within(client.verify(), deadline * 1.5, 'no answer');
    return client;
  } catch (error) {
    await client.close();
    return errorCode(error);
  }
}

/** The code of the server's refusal; null: let in. */
export async function tryLogin(target: Target, deadline: number): Promise<string | null> {
  const entered = await logIn(target, deadline);
  if (typeof entered === 'string') return entered;
  await entered.close();
  return null;
}
