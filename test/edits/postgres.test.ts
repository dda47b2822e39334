import { majors } from '../../src/engines/postgres/local/find.ts';
import { subjects } from '../conformance/postgres.ts';
import { tableFor } from '../support/engines.ts';
import { query } from '../support/query.ts';
import { postgresEdits } from './postgres.ts';
import { describeEdits } from './suite.ts';

for (const subject of subjects) {
  describeEdits({
    ...subject,
    edits: postgresEdits,
    part: (list, oneOf) => tableFor(subject.major, list, oneOf, majors),
    run: async ({ host, port, password }, [database, statement]) =>
      void (await query(`postgres://postgres:${encodeURIComponent(password)}@${host}:${port}/${database}`, statement)),
  });
}
