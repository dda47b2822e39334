import { subjects } from './mysql.ts';
import { describeConformance } from './suite.ts';

for (const subject of subjects) await describeConformance(subject);
