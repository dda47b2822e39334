import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';

const NAMES = ['backup', 'grafana', 'replicator', 'debezium', 'pgbouncer', 'datadog', 'dump_user'];

describeEachPostgres('the entry that a plan advises', { versions: 'ends' }, (server) => {
  it('gives a login no right that it has not, whatever it is called', async () => {
    await wipe(server().url);
    for (const name of NAMES) await query(server().url, `CREATE ROLE ${name} LOGIN`);
    await query(
      server().url,
      'CREATE ROLE watches LOGIN IN ROLE pg_monitor; CREATE ROLE dumps LOGIN BYPASSRLS IN ROLE pg_read_all_data; CREATE ROLE streams LOGIN REPLICATION',
    );
    await using place = await workplace(server(), manifestOf('apps: { blog: { uses: { main: {} } } }\n'));
    // What everybody may do with the database postgres besides is another matter.
    await query(server().url, 'REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC; REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    const keeps = new Map((await place.plan()).plan.steps.flatMap(({ losses = [] }) => losses.map(({ who, keep }) => [who, keep])));
    expect(Object.fromEntries(keeps)).toEqual({
      ...Object.fromEntries(NAMES.map((name) => [name, `known: [{ user: ${name}, on: main, why: … }]`])),
      watches: 'operators: { watches: { may: [monitor] } }',
      dumps: 'operators: { dumps: { may: [read-all, bypass-rls] } }',
      streams: 'operators: { streams: { may: [replication] } }',
    });
  });
});
