import { Redis } from 'ioredis';

const redis = new Redis(process.env.REDIS_URL, { keyPrefix: process.env.REDIS_KEY_PREFIX ?? '', enableReadyCheck: false });
await redis.set('greeting', 'hello', 'EX', 60);
if ((await redis.get('greeting')) !== 'hello') throw new Error('not there');
await redis.multi().incr('n').hset('h', 'f', 'v').exec();
await redis.xadd('stream', '*', 'f', 'v');
await redis.xgroup('CREATE', `${process.env.REDIS_KEY_PREFIX ?? ''}stream`, 'g', '0');
await redis.xreadgroup('GROUP', 'g', 'me', 'COUNT', 1, 'STREAMS', 'stream', '>');
await redis.lpush('queue', 'job');
await redis.blpop('queue', 1);
const listener = redis.duplicate();
const channel = `${process.env.REDIS_KEY_PREFIX ?? ''}news`;
const heard = new Promise((resolve) => listener.once('message', resolve));
await listener.subscribe(channel);
await redis.publish(channel, 'x');
await heard;
listener.disconnect();
redis.disconnect();
