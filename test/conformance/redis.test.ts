import { subjects } from './redis.ts';
import { describeConformance } from './suite.ts';

for (const subject of subjects) await describeConformance(subject);
