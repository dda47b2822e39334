import { describeEachMysql } from '../support/engines-mysql.ts';
import { mysqlGround } from './mysql.ts';
import { testClaims } from './suite.ts';

describeEachMysql('claims of two projects', { versions: 'all' }, (server) => {
  testClaims(() => mysqlGround(server), 2);
});
