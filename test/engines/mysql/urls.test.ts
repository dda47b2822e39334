import { describe, expect, it } from 'vitest';
import { createConnection } from 'mysql2/promise';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { envOfApp } from '../../../src/app/env.ts';
import { openProject } from '../../../src/app/project.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';
import { type UrlInput, urlVariables } from '../../../src/engines/mysql/env/urls.ts';

const input: UrlInput = {
  app: 'digi-core',
  host: 'db.example',
  port: 3306,
  database: 'digi_core',
  user: 'digi_core_user',
  password: 'p@ss/w:rd',
};

const valuesOf = (more: Partial<UrlInput> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(urlVariables({ ...input, ...more }).map(({ name, value }) => [name, value]));

describe('URLs for drivers', () => {
  it('have the form that each of them reads', () => {
    expect(valuesOf()).toEqual({
      DATABASE_URL: 'mysql://digi_core_user:p%40ss%2Fw%3Ard@db.example:3306/digi_core',
      SQLALCHEMY_DATABASE_URL: 'mysql+pymysql://digi_core_user:p%40ss%2Fw%3Ard@db.example:3306/digi_core?charset=utf8mb4',
      JDBC_DATABASE_URL: 'jdbc:mysql://db.example:3306/digi_core?user=digi_core_user&password=p%40ss%2Fw%3Ard&allowPublicKeyRetrieval=true',
      MYSQL_URL: 'mysql://digi_core_user:p%40ss%2Fw%3Ard@db.example:3306/digi_core',
      DIGI_CORE_MYSQL_URL: 'mysql://digi_core_user:p%40ss%2Fw%3Ard@db.example:3306/digi_core',
      MYSQL_PRISMA_URL: 'mysql://digi_core_user:p%40ss%2Fw%3Ard@db.example:3306/digi_core',
      MYSQL_SQLALCHEMY_URL: 'mysql+pymysql://digi_core_user:p%40ss%2Fw%3Ard@db.example:3306/digi_core?charset=utf8mb4',
      MYSQL_MYSQLCLIENT_URL: 'mysql+mysqldb://digi_core_user:p%40ss%2Fw%3Ard@db.example:3306/digi_core?charset=utf8mb4',
      MYSQL_JDBC_URL: 'jdbc:mysql://db.example:3306/digi_core?user=digi_core_user&password=p%40ss%2Fw%3Ard&allowPublicKeyRetrieval=true',
      MYSQL_GO_DSN: 'digi_core_user:p@ss/w:rd@tcp(db.example:3306)/digi_core?parseTime=true',
      MYSQL_HOST: 'db.example',
      MYSQL_PORT: '3306',
      MYSQL_DATABASE: 'digi_core',
      MYSQL_USER: 'digi_core_user',
      MYSQL_PASSWORD: 'p@ss/w:rd',
    });
  });

  it('ask for TLS in the words of each driver', () => {
    const strict = valuesOf({ sslmode: 'verify-full' });
    expect(new URL(strict['MYSQL_URL'] ?? '').searchParams.get('ssl')).toBe('{"rejectUnauthorized":true,"verifyIdentity":true}');
    expect(strict['MYSQL_JDBC_URL']).toContain('sslMode=VERIFY_IDENTITY');
    expect(strict['MYSQL_JDBC_URL']).not.toContain('allowPublicKeyRetrieval');
    expect(strict['MYSQL_GO_DSN']).toMatch(/&tls=true$/);
    expect(strict['MYSQL_MYSQLCLIENT_URL']).toContain('ssl_mode=VERIFY_IDENTITY');
    expect(strict['MYSQL_PRISMA_URL']).toContain('sslaccept=strict');
    expect(valuesOf({ sslmode: 'require' })['MYSQL_GO_DSN']).toMatch(/&tls=skip-verify$/);
  });

  it('hold an address of IPv6 in brackets', () => {
    expect(valuesOf({ host: '::1' })['MYSQL_URL']).toContain('@[::1]:3306/');
    expect(valuesOf({ host: '::1' })['MYSQL_GO_DSN']).toContain('@tcp([::1]:3306)/');
  });

  it('show no password where they are shown', () => {
    for (const { name, masked, secret } of urlVariables(input)) {
      if (secret && name !== 'MYSQL_PASSWORD') expect(masked, name).toContain('********');
      expect(masked ?? '').not.toMatch(/p@ss|p%40ss/);
    }
  });
});

describeEachMysql('what an app is given', { versions: 'kinds' }, (server) => {
  it('opens a connection with the URL alone', { timeout: 60_000 }, async () => {
    await using place = await workplace(server(), manifestOf('apps:\n  digi_core: { uses: { main: {} } }\n'));
    await place.apply();
    const variables = await place.reveal('digi_core');
    for (const name of ['DATABASE_URL', 'MYSQL_URL', 'DIGI_CORE_MYSQL_URL']) {
      const connection = await createConnection(variables[name] ?? '');
      const [rows] = await connection.query('SELECT DATABASE() AS db');
      await connection.end();
      expect(rows).toEqual([{ db: 'digi_core' }]);
    }
  });

  it('leaves a name that another engine has to that one', { timeout: 60_000 }, async () => {
    const manifest = manifestOf(
      `  other: { engine: postgres, url: 'postgres://postgres@127.0.0.1:1/postgres' }\napps:\n  shop: { uses: { main: {}, other: {} } }\n`,
    );
    await using place = await workplace(server(), manifest);
    const project = await openProject({ cwd: place.folder, env: place.env });
    expect(project.diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
    for (const secret of ['main/shop_user', 'other/shop_user']) await project.secrets.make({ secret });
    const { variables } = await envOfApp(project, 'shop');
    const named = variables.filter(({ name }) => name === 'DATABASE_URL').map(({ value }) => value.slice(0, 8));
    expect(named).toEqual(['postgres']);
    expect(variables.some(({ name }) => name === 'MYSQL_URL')).toBe(true);
  });
});
