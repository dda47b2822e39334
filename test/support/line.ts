import { connect, createServer, type Socket } from 'node:net';

/** A line to a server that can be cut, and that counts what is sent over it. */
export interface Line extends AsyncDisposable {
  readonly port: number;
  /** Pieces that clients have sent so far. A piece is what arrives at once: one message, or some. */
  readonly pieces: number;
  reset(): void;
  /** Called before piece `n` (from 1) goes on. `cut`: it does not, and all connections end. */
  onPiece: ((n: number) => 'forward' | 'cut') | null;
}

/** Stands between clients and a server, and knows nothing of what they say. */
export async function startLine(target: { readonly host: string; readonly port: number }): Promise<Line> {
  const sockets = new Set<Socket>();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.pipe(client);
    client.on('data', (data) => {
      line.count += 1;
      if (result.onPiece?.(line.count) === 'cut') cut();
      else upstream.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  const line = { count: 0 };
  const result: Line = {
    port: address.port,
    get pieces() {
      return line.count;
    },
    reset: () => {
      line.count = 0;
    },
    onPiece: null,
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return result;
}
