import { connect, createServer, type Socket } from 'node:net';

/** A line between cotenant and a server that can be cut. */
export interface Line extends AsyncDisposable {
  readonly port: number;
  /** Cuts every connection at the n-th transaction from now on: before the server gets its end, or after, so that only the answer is lost. */
  cutAt(count: number, when: 'before' | 'after'): void;
  /** True where it was cut since then. */
  readonly wasCut: boolean;
}

const END = Buffer.from('$4\r\nEXEC\r\n');

export async function line(server: { readonly host: string; readonly port: number }): Promise<Line> {
  const open = new Set<Socket>();
  let left = Infinity;
  let mode: 'before' | 'after' = 'before';
  let cut = false;
  const cutAll = (): void => {
    cut = true;
    left = Infinity;
    for (const socket of open) socket.destroy();
  };
  const listener = createServer((client) => {
    const upstream = connect(server.port, server.host);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.on('data', (data) => client.write(data));
    client.on('data', (data) => {
      if (data.includes(END)) left -= 1;
      if (left > 0) upstream.write(data);
      else if (mode === 'before') cutAll();
      // What was sent is on its way: the server gets it, and nobody hears what it says.
      else upstream.write(data, () => setImmediate(cutAll));
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('a listener on TCP has a port');
  return {
    port: address.port,
    cutAt: (count, when) => {
      left = count;
      mode = when;
      cut = false;
    },
    get wasCut() {
      return cut;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}
