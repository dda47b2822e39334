import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';

const client = createClient({ url: process.env.REDIS_URL });
await client.connect();
const store = new RedisStore({ client, prefix: `${process.env.REDIS_KEY_PREFIX ?? ''}sess:` });
const session = { cookie: { maxAge: 60_000 }, name: 'a' };
await store.set('id', session);
if ((await store.get('id')).name !== 'a') throw new Error('not there');
await store.touch('id', session);
await store.destroy('id');
client.destroy();
