// The floor that `verify` is measured against: the same connections, eight at a time, each with one trivial statement. One
// that the server refuses after the login counts like the others. The list comes on standard input: it holds passwords.
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { Client } from 'pg';

interface Target {
  readonly host: string;
  readonly port: number;
  readonly logins: readonly (readonly [user: string, password: string, database: string])[];
}

const lanes = 8;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the bench has written it
const { host, port, logins } = JSON.parse(await text(process.stdin)) as Target;
const queue = logins.values();
let refused = 0;
await Promise.all(
  Array.from({ length: lanes }, async () => {
    for (const [user, password, database] of queue) {
      const client = new Client({ host, port, user, password, database });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.query('SELECT 1');
        await client.end();
      } catch {
        refused += 1;
      }
    }
  }),
);
process.stdout.write(`${logins.length} connections, ${refused} refused\n`);
