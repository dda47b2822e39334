import { ask } from '../../src/engines/mysql/local/client.ts';
import { subjects } from '../conformance/mysql.ts';
import { mysqlEdits } from './mysql.ts';
import { describeEdits } from './suite.ts';

for (const subject of subjects) {
  describeEdits({
    ...subject,
    edits: mysqlEdits,
    run: async ({ host, port, password }, [database, statement]) =>
      void (await ask({ host, port, user: 'root', password, database }, statement)),
  });
}
