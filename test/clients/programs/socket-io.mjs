import { createServer } from 'node:http';
import { once } from 'node:events';
import { createAdapter } from '@socket.io/redis-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';

const key = `${process.env.REDIS_KEY_PREFIX ?? ''}socket.io`;
async function serverOn() {
  const pub = createClient({ url: process.env.REDIS_URL });
  const sub = pub.duplicate();
  await Promise.all([pub.connect(), sub.connect()]);
  const http = createServer();
  const server = new Server(http, { adapter: createAdapter(pub, sub, { key }) });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return { server, port: http.address().port };
}
process.once('unhandledRejection', (error) => {
  console.error(error);
  process.exit(1);
});
const [one, two] = [await serverOn(), await serverOn()];
const client = io(`http://127.0.0.1:${two.port}`, { transports: ['websocket'] });
await new Promise((resolve) => client.once('connect', resolve));
const heard = new Promise((resolve) => client.once('news', resolve));
const again = setInterval(() => one.server.emit('news', 'x'), 100);
const late = setTimeout(() => {
  console.error('no message crossed');
  process.exit(1);
}, 20_000);
await heard;
clearInterval(again);
clearTimeout(late);
process.exit(0);
