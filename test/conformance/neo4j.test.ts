import { afterAll } from 'vitest';
import { stopShared, subject } from './neo4j.ts';
import { describeConformance } from './suite.ts';

await describeConformance(subject);
afterAll(stopShared);
