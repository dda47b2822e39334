import { fileParameter, modeParameter, onlyParameter, type Parameter, secondsParameter, type UrlForm } from '../../../engine/index.ts';

const OF_A_DRIVER = 'It is a parameter of a driver or an ORM and not of the server: remove it.';
const OF_A_POOLER =
  'It is for the address of a pooler: use the address of the server itself in `url`, and `pooler: { url: … }` for the apps.';
const OWN = 'cotenant sets its own: remove it. Settings of an app are `settings:` of its placement.';
const KEEPALIVE = 'Every wait of cotenant has a deadline of its own: remove it.';
const text = (part: 'host' | 'port' | 'user' | 'password' | 'database'): Parameter => {
  return (value) => (value === '' ? 'It has no value.' : { [part]: value });
};
const OPEN_OR_NOT = 'Whether the connection is encrypted must not depend on what the server offers: write require or stricter, or disable.';

/** URLs as libpq reads them, and what services hand out. */
export const urlForm: UrlForm = {
  kind: 'PostgreSQL',
  schemes: ['postgres', 'postgresql'],
  tlsSchemes: [],
  otherSchemes: {
    jdbc: 'it is a JDBC URL',
    http: 'http:// is a web server, and its port is not the database’s',
    https: 'https:// is a web server, and its port is not the database’s',
    cockroachdb: 'CockroachDB is another server',
    mysql: 'it is the URL of a MySQL server',
    mariadb: 'it is the URL of a MariaDB server',
    redis: 'it is the URL of a Redis server',
    rediss: 'it is the URL of a Redis server',
  },
  port: 5432,
  sockets: true,
  parameterName: (written) => written,
  pathTrouble: () => null,
  parameters: {
    sslmode: modeParameter({
      disable: 'disable',
      require: 'require',
      'verify-ca': 'verify-ca',
      'verify-full': 'verify-full',
      'no-verify': 'require',
      allow: OPEN_OR_NOT,
      prefer: OPEN_OR_NOT,
    }),
    // As libpq takes JDBC's word.
    ssl: modeParameter({ true: 'require', false: 'disable', '1': 'require', '0': 'disable' }),
    sslrootcert: fileParameter('ca'),
    sslcert: fileParameter('cert'),
    sslkey: fileParameter('key'),
    connect_timeout: secondsParameter,
    host: text('host'),
    port: text('port'),
    user: text('user'),
    password: text('password'),
    dbname: text('database'),
    target_session_attrs: onlyParameter(['any', 'read-write', 'primary'], 'cotenant works on a primary: remove it.'),
    channel_binding: (value) =>
      value === 'require'
        ? { channelBinding: true }
        : /^(prefer|disable)$/.test(value)
          ? {}
          : 'Its value is one of disable, prefer, require.',
    gssencmode: onlyParameter(['disable', 'prefer'], 'cotenant knows TLS, and no encryption by GSSAPI.'),
    sslnegotiation: onlyParameter(['postgres'], 'cotenant asks the server for TLS first: remove it.'),
    sslcompression: onlyParameter(['0'], 'TLS is not compressed: remove it.'),
    sslsni: onlyParameter(['1'], 'cotenant tells the server its name: remove it.'),
    ssl_min_protocol_version: 'TLS 1.2 is the least that cotenant takes: remove it.',
    ssl_max_protocol_version: 'The newest TLS that both know is taken: remove it.',
    require_auth: 'A password is never sent in clear, and channel_binding=require asks for SCRAM over TLS: remove it.',
    keepalives: KEEPALIVE,
    keepalives_idle: KEEPALIVE,
    keepalives_interval: KEEPALIVE,
    keepalives_count: KEEPALIVE,
    tcp_user_timeout: KEEPALIVE,
    load_balance_hosts: 'cotenant changes one server: remove it.',
    uselibpqcompat: onlyParameter(['true', 'false'], 'Its value is true or false.'),
    options: OWN,
    application_name: OWN,
    fallback_application_name: OWN,
    client_encoding: OWN,
    hostaddr: 'Write the address as the host: a certificate for another name is what `tls: { mode: verify-ca }` accepts.',
    sslpassword: 'Use a key without a passphrase: `tls: { key: { file: PATH } }`.',
    sslcrl: 'Lists of revoked certificates are not read.',
    service: 'Write out what the service file says.',
    passfile: 'Add `password: { file: PATH }` to the instance.',
    pgbouncer: OF_A_POOLER,
    supa: OF_A_POOLER,
    workaround: OF_A_POOLER,
    pool_mode: OF_A_POOLER,
    schema: OF_A_DRIVER,
    currentSchema: OF_A_DRIVER,
    search_path: OF_A_DRIVER,
    connection_limit: OF_A_DRIVER,
    pool_timeout: OF_A_DRIVER,
    pool_size: OF_A_DRIVER,
    max: OF_A_DRIVER,
    sslaccept: OF_A_DRIVER,
    sslidentity: OF_A_DRIVER,
    statement_cache_size: OF_A_DRIVER,
    prepared_statements: OF_A_DRIVER,
  },
};
