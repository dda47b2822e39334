import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';

const client = createClient({ url: process.env.REDIS_URL });
await client.connect();
const store = new RedisStore({ client, prefix: `${process.env.REDIS_KEY_PREFIX ?? ''}sess:` });
await store.set('id', { cookie: { maxAge: 60_000 } });
if ((await store.length()) !== 1) throw new Error('not counted');
await store.clear();
client.destroy();
