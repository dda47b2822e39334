import pg from 'pg';
import type { Target } from './connection.ts';

/** Milliseconds. */
const PATIENCE = 2000;

/** Whether the server would let the login come as far as its password over TLS. None is sent, so it does not matter who answers. */
export async function isAdmitted({ host, port, user, database }: Target): Promise<boolean> {
  const client = new pg.Client({
    host,
    port,
    user,
    database,
    // Where there is none, the driver would take one from the environment or a file.
    password: () => '',
    ssl: { rejectUnauthorized: false },
    connectionTimeoutMillis: PATIENCE,
  });
  client.on('error', () => undefined);
  let admitted = false;
  const asked = (): void => {
    admitted = true;
    client.connection.stream.destroy();
  };
  for (const event of ['authenticationSASL', 'authenticationMD5Password', 'authenticationCleartextPassword', 'authenticationOk'])
    client.connection.once(event, asked);
  await client.connect().catch(() => undefined);
  client.end().catch(() => undefined);
  return admitted;
}
