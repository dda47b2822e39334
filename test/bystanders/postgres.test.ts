import { describeEachMajor } from '../support/engines.ts';
import type { Major } from '../../src/engines/postgres/local/find.ts';
import { describeBystanders } from './suite.ts';
import { openFaults } from './postgres/open-faults.ts';
import { planted } from './postgres/planted.ts';
import { postgresSubject } from './postgres/subject.ts';

describeEachMajor('bystanders', { versions: 'newest' }, (major: Major) => {
  describeBystanders(() => postgresSubject(major), { worlds: 3, seeds: 'same', planted: major === 18 ? planted : [], open: openFaults });
});
