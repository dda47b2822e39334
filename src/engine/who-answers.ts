import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Port {
  readonly host: string;
  readonly port: number;
}

/** Who is at a port, asked without a login. */
export interface Answerer {
  readonly connected: boolean;
  /** The first bytes that came. */
  readonly said: Buffer;
  /** It answered a TLS greeting. Asked where nothing else was understood. */
  readonly tls: boolean;
}

/** Milliseconds for each question. */
const PATIENCE = 1000;
/** Servers of protocols in lines say at least that they do not know it. */
const QUESTION = Buffer.from('HELP\r\n\r\n');
const TLS_ALERT = 0x15;

/** `first`: what a client of the expected kind says first; null: the server speaks first. Only for the words of an error. */
export async function whoAnswers(port: Port, first: Buffer | null, deadline: number): Promise<Answerer> {
  const patience = Math.min(deadline, PATIENCE);
  const heard = await listen(port, first, patience);
  if (!heard.connected) return { ...heard, tls: false };
  const { said } = heard.said.length > 0 ? heard : await listen(port, QUESTION, patience);
  const unclear = said.length === 0 || said[0] === TLS_ALERT;
  return { connected: true, said, tls: unclear && (await speaksTls(port, patience)) };
}

async function listen(port: Port, first: Buffer | null, patience: number): Promise<Omit<Answerer, 'tls'>> {
  let connected = false;
  let said: Buffer = Buffer.alloc(0);
  await untilDone(connectPlain(port), patience, (socket, done) => {
    socket.once('connect', () => {
      connected = true;
      if (first) socket.write(first);
    });
    socket.once('data', (data: Buffer) => {
      said = data;
      done();
    });
  });
  return { connected, said };
}

async function speaksTls(port: Port, patience: number): Promise<boolean> {
  let speaks = false;
  // Nothing is sent over it, so it does not matter who it is.
  const socket = connectTls({ ...port, rejectUnauthorized: false, ...(isIP(port.host) > 0 ? {} : { servername: port.host }) });
  await untilDone(socket, patience, (_, done) => {
    socket.once('secureConnect', () => {
      speaks = true;
      done();
    });
  });
  return speaks;
}

async function untilDone(socket: Socket, patience: number, watch: (socket: Socket, done: () => void) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, patience);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    socket.on('error', done);
    socket.on('close', done);
    watch(socket, done);
  });
  socket.destroy();
}
