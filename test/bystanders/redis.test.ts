import { describeEachRedis } from '../support/engines-redis.ts';
import { redisSubject } from './redis/subject.ts';
import { planted } from './redis/planted.ts';
import { describeBystanders } from './suite.ts';

describeEachRedis('bystanders', {}, (_server, version) => {
  describeBystanders(() => redisSubject(version), { worlds: 6, seeds: 'same', planted, open: [] });
});
