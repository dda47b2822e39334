import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Launch } from '../../../engine/index.ts';
import type { Machine } from '../../../engine/local.ts';
import { fail } from '../../../model/index.ts';
import type { Installation } from './find.ts';

export type Settings = Readonly<Record<string, string>>;

/** What a server of ours has: nothing that reaches out of it, and limits. */
const SETTINGS: Settings = {
  'server.http.enabled': 'false',
  'server.https.enabled': 'false',
  'dbms.security.auth_enabled': 'true',
  'dbms.usage_report.enabled': 'false',
  'server.directories.import': 'import',
  'dbms.security.allow_csv_import_from_file_urls': 'false',
  'internal.dbms.cypher_ip_blocklist': '0.0.0.0/0,::/0',
  'server.memory.pagecache.size': '64m',
  'db.tx_log.preallocate': 'false',
  'db.tx_log.rotation.size': '16m',
  'db.tx_log.rotation.retention_policy': '1 files',
  'db.transaction.timeout': '60s',
  'db.lock.acquisition.timeout': '10s',
  'dbms.memory.transaction.total.max': '256m',
  'db.memory.transaction.max': '64m',
};

/** The home of a new server, with the password of its first administrator. It never stands in an argument. */
export async function makeHome(
  machine: Machine,
  { java, lib }: Pick<Installation, 'java' | 'lib'>,
  home: string,
  password: string,
): Promise<void> {
  for (const name of ['conf', 'import', 'plugins']) await mkdir(join(home, name), { recursive: true, mode: 0o700 });
  await writeFile(join(home, 'conf/neo4j.conf'), '', { mode: 0o600 });
  const file = join(home, '.first');
  await writeFile(file, password, { mode: 0o600 });
  await machine.chownToServer(home);
  try {
    const args = [
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-cp',
      join(lib, '*'),
      'org.neo4j.cli.AdminTool',
      'dbms',
      'set-initial-password',
      `@${file}`,
    ];
    const { code, stderr } = await machine.run(java, args, { env: { NEO4J_HOME: home, NEO4J_CONF: join(home, 'conf'), HOME: home } });
    if (code !== 0) throw fail('CT6010', `the first password could not be set: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  } finally {
    await rm(file, { force: true });
  }
}

/** Writes the settings, and says how the server is started with them. */
export async function launchIn(
  machine: Machine,
  { java, lib }: Pick<Installation, 'java' | 'lib'>,
  home: string,
  { host, port, settings = {} }: { readonly host: string; readonly port: number; readonly settings?: Settings },
): Promise<Launch> {
  const address = { 'server.bolt.listen_address': `${host}:${port}`, 'server.bolt.advertised_address': `${host}:${port}` };
  const lines = Object.entries({ ...SETTINGS, ...settings, ...address }).map(([name, value]) => `${name}=${value}\n`);
  const file = join(home, 'conf/neo4j.conf');
  await writeFile(`${file}.new`, lines.join(''), { mode: 0o600 });
  await machine.chownToServer(`${file}.new`);
  await rename(`${file}.new`, file);
  const opens = ['java.base/java.nio', 'java.base/java.io', 'java.base/sun.nio.ch'].map((one) => `--add-opens=${one}=ALL-UNNAMED`);
  const memory = ['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const paths = ['-cp', `${join(home, 'plugins')}/*:${lib}/*`];
  return {
    command: java,
    args: [
      ...memory,
      ...opens,
      ...paths,
      'org.neo4j.server.CommunityEntryPoint',
      `--home-dir=${home}`,
      `--config-dir=${join(home, 'conf')}`,
      '--console-mode',
    ],
    env: { HOME: home },
    stopSignals: ['SIGTERM'],
    patience: 60_000,
  };
}
