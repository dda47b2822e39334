import { describeEachPostgres } from '../support/engines.ts';
import { postgresGround } from './postgres.ts';
import { testClaims } from './suite.ts';

describeEachPostgres('claims of two projects', { versions: 'ends' }, (server) => {
  testClaims(() => postgresGround(server), 2);
});
