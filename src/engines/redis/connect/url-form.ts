import { fileParameter, modeParameter, onlyParameter, secondsParameter, type UrlForm } from '../../../engine/index.ts';

const CLUSTER = 'cotenant works on one primary server, not through Sentinel or a cluster';
const SOCKET = 'cotenant reaches the server over TCP, not through a Unix socket';
const OF_A_DRIVER = 'It is a parameter of a driver and not of the server: remove it.';
const OF_SQL = 'Write rediss:// for TLS, which checks the certificate; `tls: { ca: { file: PATH } }` names an authority of your own.';
const DATABASE = 'The admin works in all databases; `database:` of a placement is for an app. Remove it.';

/** URLs as redis-cli and the drivers read them, and what services hand out. */
export const urlForm: UrlForm = {
  kind: 'Redis or Valkey',
  schemes: ['redis', 'rediss', 'valkey', 'valkeys'],
  tlsSchemes: ['rediss', 'valkeys'],
  otherSchemes: {
    http: 'http:// is a web server, or the REST interface of a service',
    https: 'https:// is a web server, or the REST interface of a service',
    unix: SOCKET,
    'redis+unix': SOCKET,
    'redis-socket': SOCKET,
    'redis+sentinel': CLUSTER,
    'rediss+sentinel': CLUSTER,
    'redis+cluster': CLUSTER,
    'rediss+cluster': CLUSTER,
    'redis-sentinel': CLUSTER,
    'rediss-sentinel': CLUSTER,
    'redis-cluster': CLUSTER,
    'rediss-cluster': CLUSTER,
    postgres: 'it is the URL of a PostgreSQL server',
    postgresql: 'it is the URL of a PostgreSQL server',
    mysql: 'it is the URL of a MySQL server',
    mariadb: 'it is the URL of a MariaDB server',
  },
  port: 6379,
  sockets: false,
  parameterName: (written) => written.toLowerCase(),
  pathTrouble: (path) => (path === '0' ? null : 'the path names a database, and the admin works in all of them'),
  parameters: {
    ssl_cert_reqs: modeParameter({ required: 'verify-full', cert_required: 'verify-full', none: 'require', cert_none: 'require' }),
    ssl_ca_certs: fileParameter('ca'),
    ssl_certfile: fileParameter('cert'),
    ssl_keyfile: fileParameter('key'),
    ssl_check_hostname: onlyParameter(['true', 'True'], '`tls: { mode: verify-ca }` accepts a certificate for another name.'),
    ssl: 'Write rediss:// for TLS.',
    tls: 'Write rediss:// for TLS.',
    sslmode: OF_SQL,
    'ssl-mode': OF_SQL,
    connect_timeout: secondsParameter,
    socket_connect_timeout: secondsParameter,
    db: DATABASE,
    database: DATABASE,
    protocol: onlyParameter(['2', '3'], 'Its value is 2 or 3.'),
    timeout: OF_A_DRIVER,
    socket_timeout: OF_A_DRIVER,
    decode_responses: OF_A_DRIVER,
    client_name: OF_A_DRIVER,
    family: OF_A_DRIVER,
    max_connections: OF_A_DRIVER,
    password: (value) => ({ password: value }),
    username: (value) => ({ user: value }),
  },
};
