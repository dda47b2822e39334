import { describeEachRedis } from '../support/engines-redis.ts';
import { redisGround } from './redis.ts';
import { testClaims } from './suite.ts';

describeEachRedis('claims of two projects', {}, (server, version) => {
  testClaims(() => redisGround(server, version === 'valkey91'), 3);
});
