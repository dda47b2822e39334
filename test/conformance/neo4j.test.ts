import { afterAll, test } from 'vitest';
import { sampled } from '../support/sample.ts';
import { everyVersion, narrowed } from '../support/thorough.ts';
import { stopShared, subject } from './neo4j.ts';
import { describeConformance } from './suite.ts';

/** Its server takes as much of a processor as all the others of a run: there every other day, and wherever it is asked for. */
const today = everyVersion || narrowed || sampled(['conformance'], { oneOf: 2, name: subject.version }).length > 0;

if (today) await describeConformance(subject);
else test.skip(`conformance [${subject.version}: every other day; VERSIONS=all or ENGINES=${subject.version} runs it]`, () => undefined);
afterAll(stopShared);
