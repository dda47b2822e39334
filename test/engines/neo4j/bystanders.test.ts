import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { restoreApp } from '../../../src/app/restore.ts';
import { ask } from '../../../src/engines/neo4j/local/client.ts';
import { localMachine } from '../../../src/runtime/index.ts';
import { cache } from '../../support/places.ts';
import { type TestProject, testProject } from '../../support/project.ts';
import { isAskedFor } from '../../support/roster.ts';
import { neo4jWay, version } from './harness.ts';
import { resetNeo4j } from './reset.ts';
import type { Neo4jServer } from './runtime.ts';

const way = neo4jWay(localMachine(), { cache, env: process.env });

describe.skipIf(!way || !isAskedFor(version, process.env))('those whom the manifest does not name', () => {
  let server: Neo4jServer;
  let started: Neo4jServer | undefined;
  let project: TestProject;
  const manifest = (apps: string, more = '', name = 'p'): string =>
    `cotenant: 1
project: ${name}
instances:
  main: { engine: neo4j, url: "bolt://neo4j@127.0.0.1:${server.port}", password: { env: PW } }
apps: ${apps}
${more}`;
  const one = manifestOf('{}');
  function manifestOf(uses: string): string {
    return `{ one: { uses: { main: ${uses} } } }`;
  }
  const admin = async (text: string): Promise<readonly Record<string, unknown>[]> => await ask(server, { text });
  const graph = async (text: string): Promise<readonly Record<string, unknown>[]> => await ask(server, { text }, 'neo4j');
  const letIn = async (user: string, password: string): Promise<unknown> =>
    await ask({ ...server, user, password }, { text: 'SHOW CURRENT USER YIELD user RETURN user' });
  const errors = async (of: TestProject = project): Promise<readonly string[]> =>
    (await of.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  const restored = async (): Promise<string> => {
    for await (const event of restoreApp(await project.open(), 'one', { consent: () => Promise.resolve(true) }))
      if (event.type === 'result') return event.ending;
    return '';
  };

  beforeAll(async () => {
    started = await way?.start();
    if (started) server = started;
  }, 300_000);
  afterAll(async () => await started?.stop());
  beforeEach(async () => {
    await resetNeo4j(server);
    project = await testProject(manifest(one), { PW: server.password });
    return async () => await project[Symbol.asyncDispose]();
  });

  test('who has made a user of a retired name keeps it, and the app is not restored over it', async () => {
    await project.apply();
    await project.write(manifest('{}'));
    expect(await project.apply()).toMatchObject({ ending: 'done' });
    await admin("CREATE USER one SET PASSWORD 'of a stranger' CHANGE NOT REQUIRED");
    expect(await restored()).not.toBe('done');
    await admin('DROP USER one');
    expect(await restored()).toBe('done');
    // The same after the app was restored, and before its next apply.
    await admin("CREATE USER one SET PASSWORD 'of a stranger' CHANGE NOT REQUIRED");
    for (const uses of ['{}', '{ adopt: true }']) {
      await project.write(manifest(manifestOf(uses)));
      expect(await errors()).toEqual(['CT2005']);
      expect((await project.apply()).ending).toBe('failed');
    }
    await project.write(manifest('{}'));
    expect(await project.apply()).toMatchObject({ ending: 'done' });
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(await letIn('one', 'of a stranger')).toEqual([{ user: 'one' }]);
  }, 120_000);

  test('the graph that an app of another project left is given to nobody, and not brought back over another', async () => {
    await project.apply();
    await project.write(manifest('{}'));
    await project.apply();
    const other = '{ news: { uses: { main: { adopt: true } } } }';
    await using theirs = await testProject(manifest(other, '', 'q'), { PW: server.password });
    expect(await errors(theirs)).toEqual(['CT2006']);
    expect((await theirs.apply()).ending).toBe('failed');
    // As if it had come all the same.
    await admin("CREATE USER `cotenant@project=q;app=news;user=news` SET PASSWORD 'nobody knows it'");
    expect(await restored()).not.toBe('done');
  });

  test('a schema of somebody is no empty database, and its end is told', async () => {
    await graph('CREATE INDEX theirs FOR (n:Theirs) ON (n.name)');
    expect(await errors()).toEqual(['CT2082']);
    await project.write(manifest(manifestOf('{ adopt: true }')));
    expect(await project.apply()).toMatchObject({ ending: 'done' });
    await project.write(manifest('{}'));
    await project.apply();
    await project.write(manifest('{}', 'removal: delete'));
    expect((await project.plan()).plan.steps).toMatchObject([{ risk: 'destructive', facts: { nodes: 0, constraints: 0, indexes: 1 } }]);
  });

  test('an adopted user whose password nobody has goes only by its name', async () => {
    await admin("CREATE USER legacy SET PASSWORD 'made by hand' CHANGE NOT REQUIRED");
    await project.write(manifest(manifestOf('{ adopt: true, user: legacy }')));
    expect(await project.apply()).toMatchObject({ ending: 'done' });
    for (const apps of ['{}', manifestOf('{ user: newer }')]) {
      await project.write(manifest(apps));
      const { plan } = await project.plan();
      expect(plan.steps.flatMap(({ losses = [] }) => losses.map(({ who, confirm }) => [who, confirm]))).toEqual([['legacy', 'legacy']]);
      expect((await project.apply()).ending).toBe('refused');
    }
    expect(await letIn('legacy', 'made by hand')).toEqual([{ user: 'legacy' }]);
  });

  test('a delete stops where somebody comes while it runs', { timeout: 240_000 }, async () => {
    expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
    await graph('UNWIND range(1, 60000) AS i CREATE (:Theirs)');
    await project.write(manifest('{}', 'removal: delete'));
    expect(await project.apply()).toMatchObject({ ending: 'done' });
    const count = async (): Promise<number> => Number((await graph('MATCH (n) RETURN count(n) AS n'))[0]?.['n']);
    const running = project.apply({ confirm: ['one'] });
    while ((await count()) === 60_000) await new Promise((resolve) => setTimeout(resolve, 5));
    await admin("CREATE USER late SET PASSWORD 'of a stranger' CHANGE NOT REQUIRED");
    await graph('CREATE (:Late)');
    expect(await running).toMatchObject({ ending: 'failed', trouble: expect.stringContaining('"late"') as unknown });
    expect(await count()).toBeGreaterThan(0);
    expect(await graph('MATCH (n:Late) RETURN count(n) AS n')).toEqual([{ n: 1 }]);
    // Now it is named, and asked for.
    expect((await project.apply({ confirm: ['one'] })).ending).toBe('refused');
  });
});
