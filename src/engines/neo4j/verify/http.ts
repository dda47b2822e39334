import { connect } from 'node:net';
import { hostAndPort } from '../../../engine/index.ts';

/** Milliseconds for an answer. */
const PATIENCE = 5000;

/** What the server's HTTP interface answers to a statement that comes without a login: its status; null: nothing answers from here. */
export async function statusWithoutLogin(at: { readonly host: string; readonly port: number }, path: string): Promise<number | null> {
  const body = JSON.stringify({ statements: [{ statement: 'RETURN 1' }] });
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${hostAndPort(at)}`,
    'Content-Type: application/json',
    'Accept: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return await new Promise((resolve) => {
    const socket = connect({ ...at, timeout: PATIENCE });
    const done = (status: number | null): void => {
      socket.destroy();
      resolve(status);
    };
    let said = '';
    socket.once('connect', () => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`));
    socket.on('data', (data: Buffer) => {
      said += data.toString('latin1');
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(said)?.[1];
      if (status !== undefined) done(Number(status));
    });
    socket.once('error', () => done(null));
    socket.once('timeout', () => done(null));
    socket.once('close', () => done(null));
  });
}
