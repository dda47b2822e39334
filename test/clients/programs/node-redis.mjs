import { createClient } from 'redis';

const prefix = process.env.REDIS_KEY_PREFIX ?? '';
const client = createClient({ url: process.env.REDIS_URL });
await client.connect();
await client.set(`${prefix}greeting`, 'hello', { EX: 60 });
if ((await client.get(`${prefix}greeting`)) !== 'hello') throw new Error('not there');
await client.multi().incr(`${prefix}n`).hSet(`${prefix}h`, 'f', 'v').exec();
const listener = client.duplicate();
await listener.connect();
const heard = new Promise((resolve) => void listener.subscribe(`${prefix}news`, resolve).then(() => client.publish(`${prefix}news`, 'x')));
await heard;
await listener.close();
await client.close();
