import { type Client, makeClient } from '../../../src/engines/redis/connect/client.ts';

interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** The operator's connection, which comes back after somebody has ended it. */
export class Admin {
  readonly #login: Login;
  #client: Client | null = null;

  constructor(login: Login) {
    this.#login = login;
  }

  async send(words: readonly string[]): Promise<unknown> {
    try {
      return await (await this.#open()).sendCommand(words);
    } catch (error) {
      if (this.#client?.isReady === true) throw error;
      return await (await this.#open()).sendCommand(words);
    }
  }

  end(): void {
    this.#client?.destroy();
    this.#client = null;
  }

  async #open(): Promise<Client> {
    if (this.#client?.isReady === true) return this.#client;
    const { host, port, user, password } = this.#login;
    this.#client = makeClient(2, { host, port, tls: null, login: { user, password }, deadline: 10_000 });
    await this.#client.connect();
    return this.#client;
  }
}
