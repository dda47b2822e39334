import { describeEachMysql } from '../support/engines-mysql.ts';
import { mysqlSubject } from './mysql/subject.ts';
import { planted } from './mysql/planted.ts';
import { describeBystanders } from './suite.ts';

describeEachMysql('bystanders', { versions: 'all' }, (server, version) => {
  describeBystanders(() => mysqlSubject(version, server()), {
    worlds: 3,
    seeds: 'same',
    planted: planted(version === 'mysql9' ? 'mysql' : 'mariadb'),
    open: [],
  });
});
