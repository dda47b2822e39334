import { describe, expect, it } from 'vitest';
import { readServerUrl, tlsWanted, type UrlForm } from '../../src/engine/index.ts';
import { urlForm as mysql } from '../../src/engines/mysql/connect/url-form.ts';
import { urlForm as postgres } from '../../src/engines/postgres/connect/url-form.ts';
import { urlForm as redis } from '../../src/engines/redis/connect/url-form.ts';

const read = (form: UrlForm, text: string) => {
  const reading = readServerUrl(text, form);
  if (!('url' in reading)) return reading.troubles.map(({ why }) => why);
  const { host, port, user, password, database } = reading.url;
  return { host, port, user, password, database, tls: tlsWanted({ url: text }, form)?.mode ?? null };
};

/** As the services hand them out, with their hosts, and what they come to. */
const handedOut: readonly (readonly [service: string, form: UrlForm, url: string, comes: object])[] = [
  [
    'Neon',
    postgres,
    'postgresql://alex:AbC123dEf@ep-cool-darkness-123456.us-east-2.aws.neon.tech/dbname?sslmode=require&channel_binding=require',
    { host: 'ep-cool-darkness-123456.us-east-2.aws.neon.tech', user: 'alex', database: 'dbname', tls: 'require' },
  ],
  [
    'Supabase',
    postgres,
    'postgresql://postgres:[YOUR-PASSWORD]@db.abc.supabase.co:5432/postgres',
    { user: 'postgres', port: 5432, tls: null },
  ],
  [
    'Supabase, session pooler',
    postgres,
    'postgres://postgres.apbkobhfnmcqqzqeeqss:pw@aws-0-ca-central-1.pooler.supabase.com:5432/postgres',
    { user: 'postgres.apbkobhfnmcqqzqeeqss' },
  ],
  [
    'RDS',
    postgres,
    'postgres://admin:pw@mydb.123456789012.us-east-1.rds.amazonaws.com:5432/mydb?sslmode=verify-full&sslrootcert=/certs/global-bundle.pem',
    { tls: 'verify-full' },
  ],
  [
    'Cloud SQL, by its socket',
    postgres,
    'postgresql://user:pass@/dbname?host=/cloudsql/project:region:instance',
    { host: '/cloudsql/project:region:instance', database: 'dbname' },
  ],
  ['Aiven', postgres, 'postgres://avnadmin:pw@pg-1.aivencloud.com:12691/defaultdb?sslmode=require', { port: 12_691, tls: 'require' }],
  [
    'Azure',
    postgres,
    'postgresql://adm%40srv:pw@srv.postgres.database.azure.com:5432/postgres?sslmode=require',
    { user: 'adm@srv', tls: 'require' },
  ],
  ['Heroku', postgres, 'postgres://u7:p1@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d7', { database: 'd7' }],
  [
    'Render and DigitalOcean',
    postgres,
    'postgresql://doadmin:pw@db-1.db.ondigitalocean.com:25060/defaultdb?sslmode=require',
    { tls: 'require' },
  ],
  ['Fly', postgres, 'postgres://app:pw@app-db.flycast:5432/app?sslmode=disable', { tls: 'disable' }],
  [
    'PlanetScale',
    mysql,
    'mysql://u:pscale_pw_1@aws.connect.psdb.cloud/db?ssl={"rejectUnauthorized":true}',
    { port: 3306, tls: 'verify-ca' },
  ],
  ['PlanetScale, for Prisma', mysql, 'mysql://u:pw@aws.connect.psdb.cloud/db?sslaccept=strict', { tls: 'verify-full' }],
  [
    'Aiven for MySQL',
    mysql,
    'mysql://avnadmin:pw@mysql-1.aivencloud.com:12691/defaultdb?ssl-mode=REQUIRED',
    { tls: 'require', database: 'defaultdb' },
  ],
  [
    'RDS for MySQL',
    mysql,
    'mysql://admin:pw@mydb.rds.amazonaws.com:3306/mydb?ssl-mode=VERIFY_IDENTITY&ssl-ca=/certs/b.pem',
    { tls: 'verify-full' },
  ],
  ['Upstash', redis, 'rediss://default:pw@eu1-quick-bat-1.upstash.io:6379', { user: 'default', tls: 'verify-full' }],
  ['Redis Cloud', redis, 'redis://default:pw@redis-1.c1.us-east-1-2.ec2.redns.redis-cloud.com:12345', { port: 12_345, tls: null }],
  [
    'Azure Cache',
    redis,
    'rediss://:pw@name.redis.cache.windows.net:6380/0?ssl_cert_reqs=required',
    { user: null, password: 'pw', tls: 'verify-full' },
  ],
  ['Heroku Redis', redis, 'rediss://:p4@ec2-1.compute-1.amazonaws.com:9479?ssl_cert_reqs=none', { tls: 'require' }],
  ['ElastiCache', redis, 'rediss://app:pw@master.c1.abc.euw1.cache.amazonaws.com:6379', { tls: 'verify-full' }],
  ['Valkey', redis, 'valkeys://app:pw@10.0.0.9', { host: '10.0.0.9', port: 6379, tls: 'verify-full' }],
];

describe('URLs of services', () => {
  it.each(handedOut)('%s', (_, form, url, comes) => {
    expect(read(form, url)).toMatchObject(comes);
  });
});

describe('places', () => {
  it.each([
    ['postgres://[::1]/x', postgres, { host: '::1', port: 5432 }],
    ['postgres://[fe80::1%25eth0]:5433', postgres, { host: 'fe80::1%eth0', port: 5433 }],
    ['postgres://%2Fvar%2Frun%2Fpostgresql/x', postgres, { host: '/var/run/postgresql' }],
    ['postgres:///x?host=%2Frun&port=6000&user=u', postgres, { host: '/run', port: 6000, user: 'u', database: 'x' }],
    ['postgres://u@bücher.example', postgres, { host: 'bücher.example' }],
    ['postgres://a%20b:c%40d@h/e%2Ff', postgres, { user: 'a b', password: 'c@d', database: 'e/f' }],
    ['mysql://u@db_1', mysql, { host: 'db_1', port: 3306 }],
    ['mariadb://localhost:1', mysql, { port: 1, user: null }],
    ['redis://localhost', redis, { port: 6379 }],
  ])('%s', (url, form, comes) => {
    expect(read(form, url)).toMatchObject(comes);
  });
});

describe('what is no such URL', () => {
  const wrong: readonly (readonly [url: string, form: UrlForm, why: RegExp])[] = [
    ['', postgres, /is empty/],
    [' ', mysql, /is empty/],
    ['localhost', redis, /no scheme/],
    ['127.0.0.1:5432', postgres, /no scheme/],
    ['localhost:3306', mysql, /no scheme/],
    ['postgres:h', postgres, /no scheme/],
    ['postgres://', postgres, /no host/],
    ['postgres:///x', postgres, /no host/],
    ['mysql://u@:3306', mysql, /no host/],
    ['redis://h:', redis, /port is no number/],
    ['postgres://u@h:99999/x', postgres, /port is no number/],
    ['postgres://u@h:0', postgres, /port is no number/],
    ['postgres://u@h:abc/db', postgres, /port is no number/],
    ['http://h', postgres, /web server/],
    ['https://x.upstash.io', redis, /REST interface/],
    ['mysql://h', postgres, /MySQL/],
    ['postgres://h', redis, /PostgreSQL/],
    ['redis://h', mysql, /Redis/],
    ['postgresql+psycopg://h/x', postgres, /form of a driver/],
    ['mysql+pymysql://h/x', mysql, /form of a driver/],
    ['unix:///run/redis.sock', redis, /Unix socket/],
    ['redis-sentinel://a', redis, /Sentinel/],
    ['mysql://%2Frun%2Fmysqld.sock', mysql, /Unix socket/],
    ['postgres://a,b/x', postgres, /several servers/],
    ['postgres://a:1,b:2/x?target_session_attrs=read-write', postgres, /several servers/],
    ['redis://a,b', redis, /several servers/],
    ['postgres://::1/x', postgres, /in brackets/],
    ['postgres://[nope]/x', postgres, /no IPv6/],
    ['postgres://999.1.1.1/x', postgres, /neither a name nor an address/],
    ['postgres://-x/y', postgres, /neither a name nor an address/],
    ['postgres://h/x y', postgres, /white space/],
    ['postgres://h/x\n', postgres, /white space/],
    ['postgres://h/x#y', postgres, /#/],
    ['postgres://u%zz@h', postgres, /percent-encoded/],
    ['postgres://h/a/b', postgres, /several parts/],
    ['redis://h/3', redis, /names a database/],
    ['postgres://h/x?sslmode=bogus', postgres, /"sslmode" is refused/],
    ['postgres://h/x?sslmode=prefer', postgres, /"sslmode" is refused/],
    ['postgres://h/x?sslmode', postgres, /no value/],
    ['postgres://h/x?sslmode=require&sslmode=disable', postgres, /twice/],
    ['postgres://h/x?sslrootcert=', postgres, /"sslrootcert" is refused/],
    ['postgres://h/x?ssl_mode=require', postgres, /"ssl_mode" is unknown/],
    ['postgres://h:1/x?port=2', postgres, /port twice/],
    ['postgres://h/x?host=i', postgres, /host twice/],
    ['postgres://h/x?options=-c%20a=b', postgres, /"options" is refused/],
    ['postgres://h/x?pgbouncer=true', postgres, /"pgbouncer" is refused/],
    ['postgres://h/x?connect_timeout=soon', postgres, /"connect_timeout" is refused/],
    ['mysql://h?ssl-mode=PREFERRED', mysql, /"ssl-mode" is refused/],
    ['mysql://h?ssl=true', mysql, /"ssl" is refused/],
    ['mysql://h?ssl={"ca":"x"}', mysql, /"ssl" is refused/],
    ['mysql://h?useSSL=true', mysql, /"useSSL" is refused/],
    ['mysql://h?what=1', mysql, /"what" is unknown/],
    ['redis://h?ssl=true', redis, /"ssl" is refused/],
    ['redis://h?db=3', redis, /"db" is refused/],
  ];

  it.each(wrong)('%s', (url, form, why) => {
    expect(read(form, url)).toEqual([expect.stringMatching(why)]);
  });

  it.each([
    ['postgres://h/x?sslmod=verify-full', postgres, 'Did you mean "sslmode"?'],
    ['postgres://h/x?SSLMODE=require', postgres, 'Did you mean "sslmode"?'],
    ['postgres://h/x?sslrootcrt=ca.pem', postgres, 'Did you mean "sslrootcert"?'],
    ['postgres://h/x?ssl_min_protocol_version=TLSv1.3', postgres, /TLS 1.2/],
    ['mysql://h?ssl_mod=REQUIRED', mysql, 'Did you mean "ssl-mode"?'],
    ['mysql://h?sslcaa=x', mysql, 'Did you mean "ssl-ca"?'],
    ['redis://h?ssl_ca_cert=x', redis, 'Did you mean "ssl_ca_certs"?'],
    ['redis://h?sslmode=require', redis, /rediss:/],
    ['redis://h?whatever=x', redis, /^Remove it/],
  ] as const)('%s: the advice takes no safety away', (url, form, hint) => {
    const reading = readServerUrl(url, form);
    if ('url' in reading) throw new Error('read');
    expect(reading.troubles.map((one) => one.hint)).toEqual([typeof hint === 'string' ? hint : expect.stringMatching(hint)]);
  });

  it('is told in full, and without a piece of what could be a password', () => {
    const secret = 's3cr3t';
    const urls = [
      'u:x/S@h',
      'u:x?S=1@h',
      'u:x#S@h',
      'u:S@x@h',
      'u:S',
      'u:%zS@h',
      'h?S',
      'h?password=S&password=S',
      'S,S',
      'S S@h',
      'u:S@h:S',
      'h/S/S',
    ];
    for (const [form, scheme] of [
      [postgres, 'postgres'],
      [mysql, 'mysql'],
      [redis, 'redis'],
    ] as const)
      for (const one of urls) {
        const reading = readServerUrl(`${scheme}://${one.replaceAll('S', secret)}`, form);
        if ('url' in reading) continue;
        expect(reading.troubles.length, one).toBeGreaterThan(0);
        if (one !== 'h?S') expect(JSON.stringify(reading), one).not.toContain(secret);
      }
    expect(read(postgres, 'postgres://h:0/a/b?x=1&sslmode=y')).toHaveLength(4);
  });
});
