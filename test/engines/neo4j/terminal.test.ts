import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unpackedInstallations } from '../../../src/engines/neo4j/local/find.ts';
import { localMachine } from '../../../src/runtime/index.ts';
import { type CliResult, runCli } from '../../support/cli.ts';
import { putProgram } from '../../support/clients.ts';
import { cache } from '../../support/places.ts';
import { testProject } from '../../support/project.ts';
import { isAskedFor } from '../../support/roster.ts';
import { neo4jWay, shellIn, version } from './harness.ts';
import { resetNeo4j } from './reset.ts';
import type { Neo4jServer } from './runtime.ts';

const way = neo4jWay(localMachine(), { cache, env: process.env });
const shell = shellIn(cache);
const [installation] = unpackedInstallations(cache);

describe.skipIf(!way || !isAskedFor(version, process.env))('cotenant connect', () => {
  let server: Neo4jServer;
  let started: Neo4jServer | undefined;
  beforeAll(async () => {
    started = await way?.start();
    if (started) server = started;
  }, 300_000);
  afterAll(async () => await started?.stop());

  const about = 'comes in with cypher-shell as the app and as the admin, without a password in the arguments';
  test.skipIf(shell === null || installation === undefined)(about, { timeout: 240_000 }, async () => {
    await resetNeo4j(server);
    const manifest = `cotenant: 1
project: p
instances:
  main: { engine: neo4j, url: "bolt://neo4j@127.0.0.1:${server.port}", password: { env: PW } }
apps: { one: { uses: { main: {} } } }
`;
    await using project = await testProject(manifest, { PW: server.password });
    expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
    const bin = join(project.path, 'bin');
    await mkdir(bin);
    const java = `exec '${installation?.java ?? ''}' -XX:TieredStopAtLevel=1 -cp '${shell ?? ''}/*' org.neo4j.shell.Main "$@"`;
    await putProgram(bin, 'cypher-shell', `printf '%s\\n' "$@" > '${bin}/argv'\n${java}`);
    const env = { PW: server.password, PATH: `${bin}:/usr/bin:/bin`, NEO4J_PASSWORD: 'wrong', NEO4J_ADDRESS: 'bolt://127.0.0.1:1' };
    const connect = async (...args: readonly string[]): Promise<CliResult> =>
      await runCli(['connect', ...args, '--', '--format', 'plain', 'SHOW CURRENT USER YIELD user'], { cwd: project.path, env });
    for (const [args, user] of [
      [['one'], 'one'],
      [['one', '--as', 'admin'], 'neo4j'],
    ] as const) {
      expect(await connect(...args)).toMatchObject({ stderr: '', code: 0, stdout: `user\n"${user}"\n` });
      expect(await readFile(join(bin, 'argv'), 'utf8')).not.toContain(server.password);
    }
  });
});
