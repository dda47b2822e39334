import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { driver as driverOf } from 'neo4j-driver-lite';
import { envOfApp } from '../../../src/app/env.ts';
import { restoreApp } from '../../../src/app/restore.ts';
import { statusProject } from '../../../src/app/status.ts';
import { verifyProject } from '../../../src/app/verify.ts';
import { Client } from '../../../src/engines/neo4j/connect/client.ts';
import { ask } from '../../../src/engines/neo4j/local/client.ts';
import type { Finding } from '../../../src/model/index.ts';
import { localMachine } from '../../../src/runtime/index.ts';
import { cache } from '../../support/places.ts';
import { type TestProject, testProject } from '../../support/project.ts';
import { isAskedFor } from '../../support/roster.ts';
import { neo4jWay, version } from './harness.ts';
import { resetNeo4j } from './reset.ts';
import type { Neo4jServer } from './runtime.ts';

const way = neo4jWay(localMachine(), { cache, env: process.env });

describe.skipIf(!way || !isAskedFor(version, process.env))(`neo4j [${way ? `${version} ${way.way}` : `${version}: no server`}]`, () => {
  let server: Neo4jServer;
  let started: Neo4jServer | undefined;
  let project: TestProject;
  beforeAll(async () => {
    started = await way?.start();
    if (started) server = started;
  }, 300_000);
  afterAll(async () => await started?.stop());
  beforeEach(async () => {
    await resetNeo4j(server);
    project = await testProject(manifest(['one']), { PW: server.password });
    return async () => await project[Symbol.asyncDispose]();
  });

  const manifest = (apps: readonly string[], more = '', uses = '{}'): string =>
    `cotenant: 1
project: p
instances:
  main: { engine: neo4j, url: "bolt://neo4j@127.0.0.1:${server.port}", password: { env: PW } }
apps: {${apps.map((app) => ` ${app}: { uses: { main: ${uses} } }`).join(',')} }
${more}`;
  const admin = async (text: string, params = {}): Promise<readonly Record<string, unknown>[]> => await ask(server, { text, params });
  const nodes = async (): Promise<number> => Number((await ask(server, { text: 'MATCH (n) RETURN count(n) AS n' }, 'neo4j'))[0]?.['n']);
  const users = async (): Promise<readonly string[]> =>
    (await admin('SHOW USERS YIELD user RETURN user ORDER BY user')).map(({ user }) => String(user));
  const variables = async (app: string): Promise<Record<string, string>> =>
    Object.fromEntries((await envOfApp(await project.open(), app)).variables.map(({ name, value }) => [name, value]));
  const clientOf = async (app: string): Promise<Client> => {
    const { NEO4J_PASSWORD: password = '', NEO4J_USERNAME: user = '' } = await variables(app);
    return new Client({ host: server.host, port: server.port, user, password, tls: null }, 10_000);
  };
  const verify = async (): Promise<readonly Finding[]> =>
    (await verifyProject(await project.open(), { exhaustive: true, destructive: false })).report.findings;
  const errors = async (): Promise<readonly string[]> =>
    (await project.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);

  test('a driver gets in with what env gives and nothing else', async () => {
    expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
    const { NEO4J_URI = '', NEO4J_USERNAME = '', NEO4J_PASSWORD = '', NEO4J_DATABASE = '' } = await variables('one');
    const driver = driverOf(NEO4J_URI, { scheme: 'basic', principal: NEO4J_USERNAME, credentials: NEO4J_PASSWORD });
    try {
      const { records } = await driver.executeQuery(
        'CREATE (n:Song { title: $title }) RETURN n.title AS title',
        { title: 'x' },
        { database: NEO4J_DATABASE },
      );
      expect(records[0]?.get('title')).toBe('x');
    } finally {
      await driver.close();
    }
    expect((await statusProject(await project.open())).placements).toMatchObject([
      { app: 'one', state: 'ready', location: 'database neo4j: 1 nodes, 0 relationships', pending: 0, drift: 0 },
    ]);
  });

  test('an app that goes loses its user and its sessions, keeps its graph, comes back, and is deleted by name', {
    timeout: 120_000,
  }, async () => {
    await project.apply();
    const client = await clientOf('one');
    const fill = 'CREATE CONSTRAINT once FOR (n:Song) REQUIRE n.id IS UNIQUE';
    await client.run({ text: fill }, { database: 'neo4j' });
    await client.run({ text: 'UNWIND range(1, 2500) AS id CREATE (:Song { id: id })-[:BY]->(:Artist)' }, { database: 'neo4j' });

    await project.write(manifest([]));
    expect(await project.apply()).toMatchObject({ ending: 'done' });
    await expect(client.run({ text: 'RETURN 1' }, { database: 'neo4j' })).rejects.toThrow();
    await client.close();
    expect(await users()).toEqual([expect.stringMatching(/^cotenant@project=p;app=one;user=one;retired=/), 'neo4j']);
    expect(await nodes()).toBe(5000);
    expect((await project.plan()).plan.steps).toEqual([]);
    expect((await statusProject(await project.open())).placements).toMatchObject([{ app: 'one', state: 'retired' }]);

    // Another app would have all of it, and so would the same one without anybody having said that it comes back.
    await project.write(manifest(['two']));
    expect(await errors()).toEqual(['CT2007']);
    await project.write(manifest(['one']));
    expect(await errors()).toEqual(['CT2007']);

    for await (const event of restoreApp(await project.open(), 'one', { consent: () => Promise.resolve(true) }))
      if (event.type === 'result') expect(event.ending).toBe('done');
    expect(await project.apply()).toMatchObject({ ending: 'done' });
    const again = await clientOf('one');
    expect(await again.run({ text: 'MATCH (n:Song) RETURN count(n) AS n' }, { database: 'neo4j' })).toEqual([{ n: 2500 }]);
    await again.close();

    await project.write(manifest([], 'removal: delete'));
    expect(await project.apply()).toMatchObject({ ending: 'done' });
    const { plan } = await project.plan();
    expect(plan.steps).toMatchObject([
      { risk: 'destructive', confirm: 'one', facts: { nodes: 5000, relationships: 2500, constraints: 1, indexes: 0 } },
    ]);
    expect((await project.apply()).ending).toBe('refused');
    // Whoever else is there may have put something among it.
    await admin("CREATE USER stranger SET PASSWORD 'of nobody here'");
    expect((await project.apply({ confirm: ['one'] })).ending).toBe('refused');
    await admin('DROP USER stranger');
    expect(await nodes()).toBe(5000);
    expect(await project.apply({ confirm: ['one'] })).toMatchObject({ ending: 'done', trouble: '' });
    expect([await nodes(), await users()]).toEqual([0, ['neo4j']]);
    expect(await ask(server, { text: 'SHOW CONSTRAINTS YIELD name RETURN name' }, 'neo4j')).toEqual([]);
  });

  test('a password that is set anew ends the sessions that another one opened', async () => {
    await project.apply();
    await admin('ALTER USER one SET PASSWORD $word CHANGE NOT REQUIRED', { word: 'changed by hand' });
    const thief = new Client({ host: server.host, port: server.port, user: 'one', password: 'changed by hand', tls: null }, 10_000);
    const alive = async (): Promise<unknown> => await thief.run({ text: 'RETURN 1 AS one' }, { database: 'neo4j' });
    expect(await alive()).toEqual([{ one: 1 }]);
    const { plan } = await project.plan();
    expect(plan.steps.map(({ cause, risk }) => [cause, risk])).toContainEqual(['drift', 'access-reducing']);
    expect(await project.apply()).toMatchObject({ ending: 'done' });
    await expect(alive()).rejects.toThrow();
    await thief.close();
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  test('what is there already is adopted by a word only', async () => {
    await ask(server, { text: 'CREATE (:Theirs)' }, 'neo4j');
    await admin("CREATE USER one SET PASSWORD 'made by hand' CHANGE NOT REQUIRED");
    expect(await errors()).toEqual(['CT2005', 'CT2082']);
    expect((await project.apply()).ending).toBe('failed');
    await project.write(manifest(['one'], '', '{ adopt: true }'));
    expect(await errors()).toEqual(['CT2005']);
    await project.write(manifest(['one'], '', '{ adopt: true, user: one }'));
    expect(await project.apply()).toMatchObject({ ending: 'done' });
    expect(await ask({ ...server, user: 'one', password: 'made by hand' }, { text: 'SHOW CURRENT USER YIELD user RETURN user' })).toEqual([
      { user: 'one' },
    ]);
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  test('two entries for one server are refused: a second app comes in by no back door', async () => {
    const again = `  again: { engine: neo4j, url: "neo4j://neo4j@localhost:${server.port}", password: { env: PW } }`;
    const apps = 'apps: { one: { uses: { main: {} } }, two: { uses: { again: {} } } }';
    await project.write(`${manifest([]).split('apps:')[0] ?? ''}${again}\n${apps}`);
    expect(new Set(await errors())).toEqual(new Set(['CT2074']));
  });

  test('another project’s app is no neighbour', async () => {
    await project.apply();
    await using other = await testProject(manifest(['one']).replace('project: p', 'project: q'), { PW: server.password });
    const { plan } = await other.plan();
    expect(plan.diagnostics.map(({ code }) => code)).toEqual(expect.arrayContaining(['CT2006', 'CT2005']));
  });

  test('users of nobody are told, found and left alone', async () => {
    await project.apply();
    await admin("CREATE USER stranger SET PASSWORD 'of nobody here'");
    expect((await project.plan()).plan.diagnostics).toMatchObject([{ code: 'CT2083', severity: 'warning' }]);
    expect(await project.apply()).toMatchObject({ ending: 'nothing-to-do' });
    expect((await statusProject(await project.open())).foreign).toMatchObject([{ address: { name: 'stranger' } }]);
    expect(await verify()).toMatchObject([{ probe: 'NE-U1', verdict: 'BREACH', from: 'stranger', to: 'one' }]);
    await project.write(manifest(['one'], 'known: [{ user: stranger, why: "a colleague" }]'));
    await project.apply();
    expect([(await project.plan()).plan.diagnostics, await verify()]).toEqual([[], []]);
    expect(await users()).toContain('stranger');
  });

  test('a mark that somebody has dropped is written again, and one that can log in is closed', async () => {
    await project.apply();
    const mark = (await users()).find((name) => name.startsWith('cotenant@')) ?? '';
    await admin('DROP USER $mark', { mark });
    expect(await project.apply()).toMatchObject({ ending: 'done' });
    expect(await users()).toContain(mark);
    await admin('ALTER USER $mark SET PASSWORD $word CHANGE NOT REQUIRED', { mark, word: 'opened by hand' });
    expect(await verify()).toMatchObject([{ probe: 'NE-U2', verdict: 'BREACH' }]);
    expect(await project.apply()).toMatchObject({ ending: 'done' });
    await expect(ask({ ...server, user: mark, password: 'opened by hand' }, { text: 'SHOW USERS' })).rejects.toThrow();
    expect(await verify()).toEqual([]);
  });

  test('walls that somebody opens are seen, each by its probe', { timeout: 400_000 }, async () => {
    await project.apply();
    expect(await verify()).toEqual([]);
    const ids = async (): Promise<readonly string[]> => [...new Set((await verify()).map(({ probe }) => probe))].sort();
    const port = String(await localMachine().freePort());
    await server.restart({
      'dbms.security.allow_csv_import_from_file_urls': 'true',
      'internal.dbms.cypher_ip_blocklist': '',
      'dbms.security.procedures.unrestricted': 'apoc.*',
      'db.transaction.timeout': '0s',
      'db.memory.transaction.max': '0',
      'dbms.security.auth_enabled': 'false',
      'dbms.security.http_auth_allowlist': '/,/db.*',
      'server.http.enabled': 'true',
      'server.http.listen_address': `127.0.0.1:${port}`,
      'server.http.advertised_address': `127.0.0.1:${port}`,
    });
    expect(await errors()).toEqual(['CT2084']);
    expect(await ids()).toEqual(['NE-A1', 'NE-A2', 'NE-A3', 'NE-H1', 'NE-H2', 'NE-ID', 'NE-L1', 'NE-N05', 'NE-N05h', 'NE-N27']);
  });
});
