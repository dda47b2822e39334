import { afterAll, beforeAll, expect, it } from 'vitest';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { wipe } from './harness.ts';

const wiki = `apps:\n  wiki: { uses: { main: { connections: 3, isolation: schema, database: content } } }\n`;

describeEachPostgres('names of what was retired', { versions: 'newest' }, (server) => {
  let world: DriftWorld;
  let day = '';
  beforeAll(async () => {
    await wipe(server().url);
    const more = `  blog: { uses: { main: { connections: 3, isolation: schema, database: content } } }\n  crm: { uses: { main: { connections: 3 } } }\n`;
    world = await DriftWorld.make(server(), wiki + more, []);
    await world.manifest(wiki);
    await world.apply();
    const [[name] = []] = await world.catalog.run('postgres', `SELECT datname FROM pg_database WHERE datname ~ '^crm__gone'`);
    day = String(name).replace('crm__gone_', '');
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  it.each([
    ['isolation: schema, database: content, schema: blog__gone_', 'schema "blog__gone_', 'blog'],
    ['database: crm__gone_', 'database "crm__gone_', 'crm'],
    ['names: { owner: blog_owner__gone_', 'role "blog_owner__gone_', 'blog'],
    ['isolation: schema, database: content, names: { login: crm_user__gone_', 'role "crm_user__gone_', 'crm'],
  ])('%s is taken', async (placement, what, app) => {
    const close = placement.includes('names: {') ? ' }' : '';
    for (const adopt of ['', ', adopt: true']) {
      await world.manifest(`${wiki}  evil: { uses: { main: { connections: 3, ${placement}${day}${close}${adopt} } } }\n`);
      const { plan } = await world.project.plan();
      const errors = plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`);
      expect(errors).toContainEqual(expect.stringContaining(`CT2007 ${what}${day}" on "main" belongs to the retired app "${app}"`));
    }
  });
});
