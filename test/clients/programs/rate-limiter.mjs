import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';

const storeClient = new Redis(process.env.REDIS_URL, { enableReadyCheck: false });
const limiter = new RateLimiterRedis({ storeClient, keyPrefix: `${process.env.REDIS_KEY_PREFIX ?? ''}rl`, points: 2, duration: 60, rejectIfRedisNotReady: false });
await limiter.consume('me');
await limiter.consume('me');
const refused = await limiter.consume('me').then(() => false, (error) => error.msBeforeNext > 0);
if (!refused) throw new Error('not limited');
const script = "local t = redis.call('TIME') return redis.call('SET', KEYS[1], t[1])";
await storeClient.eval(script, 1, `${process.env.REDIS_KEY_PREFIX ?? ''}clock`);
storeClient.disconnect();
