import { ask } from '../../src/engines/redis/local/client.ts';
import { subjects } from '../conformance/redis.ts';
import { redisEdits } from './redis.ts';
import { describeEdits } from './suite.ts';

for (const subject of subjects) {
  describeEdits({
    ...subject,
    edits: redisEdits(subject.version === 'valkey91'),
    run: async ({ host, port, password }, [, statement]) =>
      void (await ask({ host, port, user: 'admin', password }, ...statement.split(' '))),
  });
}
