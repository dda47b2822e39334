import { z } from 'zod';
import {
  fileParameter,
  millisecondsParameter,
  modeParameter,
  onlyParameter,
  secondsParameter,
  type UrlForm,
  type UrlSaid,
} from '../../../engine/index.ts';

const OF_A_DRIVER = 'It is a parameter of a driver or an ORM and not of the server: remove it.';
const OPEN_OR_NOT =
  'Whether the connection is encrypted must not depend on what the server offers: write ssl-mode=REQUIRED or stricter, or DISABLED.';
const OLD_JDBC = 'It is an old parameter of JDBC: write ssl-mode=REQUIRED, VERIFY_CA or VERIFY_IDENTITY.';

/** URLs as MySQL's own clients read them, and what services hand out. */
export const urlForm: UrlForm = {
  kind: 'MySQL or MariaDB',
  schemes: ['mysql', 'mariadb'],
  tlsSchemes: [],
  otherSchemes: {
    jdbc: 'it is a JDBC URL',
    mysqlx: 'mysqlx:// is the X protocol, on a port of its own',
    http: 'http:// is a web server, and its port is not the database’s',
    https: 'https:// is a web server, and its port is not the database’s',
    postgres: 'it is the URL of a PostgreSQL server',
    postgresql: 'it is the URL of a PostgreSQL server',
    redis: 'it is the URL of a Redis server',
    rediss: 'it is the URL of a Redis server',
  },
  port: 3306,
  sockets: false,
  // Seconds to the clients, milliseconds to the drivers.
  parameterName: (written) => (/^connect[_-]timeout$/.test(written) ? 'connect-timeout' : written.toLowerCase().replaceAll(/[_-]/g, '')),
  pathTrouble: () => null,
  spellings: ['ssl-mode', 'ssl-ca', 'ssl-cert', 'ssl-key', 'ssl', 'sslaccept', 'tls', 'connectTimeout', 'connect_timeout', 'charset'],
  parameters: {
    sslmode: modeParameter({
      disable: 'disable',
      disabled: 'disable',
      require: 'require',
      required: 'require',
      'verify-ca': 'verify-ca',
      verify_ca: 'verify-ca',
      'verify-full': 'verify-full',
      verify_identity: 'verify-full',
      prefer: OPEN_OR_NOT,
      preferred: OPEN_OR_NOT,
      allow: OPEN_OR_NOT,
    }),
    ssl: sslParameter,
    sslaccept: modeParameter({ strict: 'verify-full', accept_invalid_certs: 'require' }),
    tls: modeParameter({ true: 'verify-full', 'skip-verify': 'require', false: 'disable', preferred: OPEN_OR_NOT }),
    sslca: fileParameter('ca'),
    sslcert: fileParameter('cert'),
    sslkey: fileParameter('key'),
    connecttimeout: millisecondsParameter,
    'connect-timeout': secondsParameter,
    charset: onlyParameter(['utf8mb4'], 'cotenant speaks utf8mb4: remove it. The character set of an app is `charset:` of its placement.'),
    protocol: onlyParameter(['tcp', 'TCP'], 'cotenant reaches the server over TCP.'),
    socket: 'cotenant reaches the server over TCP: write localhost or 127.0.0.1 as the host.',
    unixsocket: 'cotenant reaches the server over TCP: write localhost or 127.0.0.1 as the host.',
    sslcapath: 'Put the certificates into one file: `tls: { ca: { file: PATH } }`.',
    sslcrl: 'Lists of revoked certificates are not read.',
    usessl: OLD_JDBC,
    requiressl: OLD_JDBC,
    verifyservercertificate: OLD_JDBC,
    allowpublickeyretrieval: OF_A_DRIVER,
    servertimezone: OF_A_DRIVER,
    timezone: OF_A_DRIVER,
    useunicode: OF_A_DRIVER,
    characterencoding: OF_A_DRIVER,
    connectionlimit: OF_A_DRIVER,
    pooltimeout: OF_A_DRIVER,
    parsetime: OF_A_DRIVER,
    loc: OF_A_DRIVER,
    collation: OF_A_DRIVER,
    sslidentity: OF_A_DRIVER,
  },
};

const sslJson = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'no JSON' });
      return z.NEVER;
    }
  })
  .pipe(
    z.union([
      z.literal(false),
      z.strictObject({ rejectUnauthorized: z.boolean().default(true), verifyIdentity: z.boolean().default(false) }),
    ]),
  );

/** mysql2's JSON, as PlanetScale hands it out. */
function sslParameter(value: string): UrlSaid | string {
  const words = 'Write ssl-mode=REQUIRED (encrypted), VERIFY_CA or VERIFY_IDENTITY (and the certificate is checked).';
  const parsed = sslJson.safeParse(value);
  if (!parsed.success) return words;
  if (parsed.data === false) return { mode: 'disable' };
  const { rejectUnauthorized, verifyIdentity } = parsed.data;
  return { mode: rejectUnauthorized ? (verifyIdentity ? 'verify-full' : 'verify-ca') : 'require' };
}
