import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execFile } from '../support/children.ts';
import { cache } from '../support/places.ts';
import { full } from '../support/thorough.ts';
import { lacking, places } from './tools.ts';

/** What the tests are run with. A newer one is tried by hand, and then stands here. */
const NODE = {
  'drizzle-kit': '0.31.11',
  'drizzle-orm': '0.45.4',
  knex: '3.3.0',
  'node-pg-migrate': '9.0.0',
  dbmate: '2.36.0',
  prisma: '6.19.3',
  '@prisma/adapter-pg': '7.10.1',
  pg: '8.23.1',
  mysql2: '3.24.6',
} as const;
const PYTHON = {
  alembic: '1.20.1',
  Django: '5.2.19',
  SQLAlchemy: '2.1.9',
  'psycopg[binary]': '3.3.9',
  pymysql: '1.2.4',
  'moto[s3,server]': '5.2.1',
} as const;
/** Package, version, and build tags. */
const GO = [
  ['github.com/golang-migrate/migrate/v4/cmd/migrate', 'v4.20.1', 'postgres,mysql'],
  [
    'github.com/pressly/goose/v3/cmd/goose',
    'v3.30.0',
    'no_clickhouse,no_libsql,no_mssql,no_vertica,no_ydb,no_sqlite3,no_spanner,no_duckdb',
  ],
] as const;
/** Group, artifact, version. */
const JARS = [
  ['org.flywaydb', 'flyway-core', '13.12.1'],
  ['org.flywaydb', 'flyway-database-postgresql', '13.12.1'],
  ['org.flywaydb', 'flyway-mysql', '13.12.1'],
  ['org.liquibase', 'liquibase-core', '4.33.0'],
  ['info.picocli', 'picocli', '4.7.7'],
  ['org.postgresql', 'postgresql', '42.7.14'],
  ['com.mysql', 'mysql-connector-j', '9.7.0'],
] as const;

const PINS = JSON.stringify({ NODE, PYTHON, GO, JARS });
const folder = join(cache, 'clients');
const known = join(folder, 'migration-tools.json');
const LONG = 900_000;

/** What a run says at its end of the migration tools, and what REQUIRE_TOOLS (a comma list, or `all`) wants and is not there. */
export interface Tools {
  readonly summary: string;
  readonly unmet: readonly string[];
}

/**
 * Puts the tools into the cache, once, where CLIENTS, FULL=1 or REQUIRE_TOOLS ask for them, by the registries' own programs. Before
 * the test files are read: they look for the tools when they are.
 */
export async function migrationTools(env: Readonly<Record<string, string | undefined>>): Promise<Tools> {
  const { CLIENTS = '', REQUIRE_TOOLS = '' } = env;
  const isAsked = full || CLIENTS !== '' || REQUIRE_TOOLS !== '';
  const trouble = isAsked && !(await isInstalled()) ? await install() : [];
  const missing = lacking();
  const named = REQUIRE_TOOLS.split(',').map((name) => name.trim());
  const wanted = named.flatMap((name) => (name === 'all' ? Object.keys(places) : name === '' ? [] : [name]));
  const there = Object.keys(places).filter((name) => !missing.includes(name));
  const lines = [
    `migration tools: ${there.join(', ') || 'none'}${missing.length > 0 ? `. MISSING, and what needs them is skipped: ${missing.join(', ')} (CLIENTS=1 installs them)` : ''}`,
    ...trouble,
  ];
  return { summary: lines.join('\n'), unmet: wanted.filter((name) => !there.includes(name)) };
}

async function isInstalled(): Promise<boolean> {
  return lacking().length === 0 && (await readFile(known, 'utf8').catch(() => '')) === PINS;
}

async function install(): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const found = await Promise.all([withNode(), withPython(), withGo(), withJava()].map(async (one) => await one.then(said, said)));
  const trouble = found.filter((one) => one !== '');
  if (trouble.length === 0) await writeFile(known, PINS);
  return trouble;
}

/** Registries fail now and then: once more. Two runs do not install at the same time. */
async function done(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const locked = [join(folder, `.lock-${program.replaceAll('/', '_')}`), program, ...args];
  const once = async (): Promise<unknown> => await execFile('flock', locked, { cwd, env, timeout: LONG, maxBuffer: 2 ** 28 });
  await once().catch(async () => await once());
}

function said(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return `MIGRATION TOOL NOT INSTALLED: ${error.message.trim().split('\n').slice(-4).join(' ')}`;
}

async function withNode(): Promise<void> {
  const at = join(folder, 'node');
  await mkdir(at, { recursive: true });
  if (!existsSync(join(at, 'package.json'))) await writeFile(join(at, 'package.json'), '{"private": true}');
  const wanted = Object.entries(NODE).map(([name, version]) => `${name}@${version}`);
  await done('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', ...wanted], at);
}

async function withPython(): Promise<void> {
  const venv = join(folder, 'python');
  if (!existsSync(join(venv, 'bin/pip'))) await done('python3', ['-m', 'venv', venv], cache);
  const wanted = Object.entries(PYTHON).map(([name, version]) => `${name}==${version}`);
  await done(join(venv, 'bin/python'), ['-m', 'pip', 'install', '--disable-pip-version-check', '-q', ...wanted], cache);
}

/** One after the other: each compiles on all cores. */
async function withGo(): Promise<void> {
  const bin = join(folder, 'go/bin');
  await mkdir(bin, { recursive: true });
  for (const [name, version, tags] of GO)
    await done('go', ['install', `-tags=${tags}`, `${name}@${version}`], bin, { ...process.env, GOBIN: bin });
}

/** Flyway's own command line is not on Maven Central: its engine is, and this starts it, with the settings that the environment has. */
const FLYWAY = `import org.flywaydb.core.Flyway;
public class Fly {
  public static void main(String[] args) {
    var config = Flyway.configure().envVars();
    for (var arg : args) if (arg.startsWith("-target=")) config.target(arg.substring(8));
    var flyway = config.load();
    for (var arg : args) switch (arg) { case "migrate" -> flyway.migrate(); case "repair" -> flyway.repair(); default -> {} }
  }
}
`;

async function withJava(): Promise<void> {
  const at = join(folder, 'java');
  await mkdir(at, { recursive: true });
  const wanted = JARS.map(
    ([group, artifact, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  );
  await writeFile(
    join(at, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version>
<dependencies>${wanted.join('\n')}</dependencies></project>`,
  );
  await done('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'], at);
  await writeFile(join(at, 'Fly.java'), FLYWAY);
  await done('javac', ['-cp', 'lib/*', 'Fly.java'], at);
  for (const [name, main] of [
    ['flyway', 'Fly'],
    ['liquibase', 'liquibase.integration.commandline.LiquibaseCommandLine'],
  ] as const) {
    await writeFile(
      join(at, name),
      `#!/bin/sh\nexport LIQUIBASE_ANALYTICS_ENABLED=false LIQUIBASE_SHOW_BANNER=false\nhere=$(cd "$(dirname "$0")" && pwd)\nexec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$here/lib/*:$here" ${main} "$@"\n`,
    );
    await chmod(join(at, name), 0o755);
  }
}
