import { type ClientAbility, type ClientStart, partsOf, placementOf, type TlsForApps, tlsForApps } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { targetOf } from '../connect/target.ts';
import { urlForm } from '../connect/url-form.ts';
import { env } from './env.ts';
import { namesOf } from '../names.ts';

type Parts = Readonly<Record<string, string | undefined>>;

export const client: ClientAbility<Config, Placement> = {
  start(input, { who, login, where }, context) {
    const variables = env(input, who, { ...context, prefix: null, ...(login === undefined ? {} : { login }) });
    const placed = where === undefined ? undefined : placementOf(input, where);
    if (variables === null || (where !== undefined && !placed)) return null;
    const database = placed ? { database: namesOf(placed.app, placed.placement).database } : {};
    return startOf({ ...partsOf(variables), ...database }, tlsForApps(input.config, urlForm, input.config.publicUrl, context.file));
  },
  async startAdmin(input, app, context) {
    const { host, port, user, password } = await targetOf(input.config, context);
    const placed = placementOf(input, app);
    return startOf(
      { host, port: String(port), user, password, ...(placed ? { database: namesOf(app, placed.placement).database } : {}) },
      tlsForApps(input.config, urlForm, undefined, context.file),
    );
  },
};

const MODES = { disable: 'DISABLED', require: 'REQUIRED', 'verify-ca': 'VERIFY_CA', 'verify-full': 'VERIFY_IDENTITY' } as const;

/**
 * The client's variable for a password is deprecated, so it gets a file in place of all others: what the user's own file
 * says of a password would win over it. Groups keep what only one of the two clients knows from the other,
 * as far as there is such a group.
 */
function startOf({ host, port, user, password, database }: Parts, tls: TlsForApps): ClientStart {
  const text = `${optionsFile({ host, port, user, password }, tls)}${group('mysql', { database })}`;
  const elsewhere = { MYSQL_PWD: null, MYSQL_HOST: null, MYSQL_TCP_PORT: null, MYSQL_UNIX_PORT: null, MYSQL_GROUP_SUFFIX: null };
  // It would read the user's encrypted login file even so.
  const none = { MYSQL_TEST_LOGIN_FILE: '/dev/null/none' };
  return {
    programs: ['mysql', 'mariadb'],
    args: (program) => (program.startsWith('mariadb') ? [] : ownOptions(tls.sslmode)),
    env: { ...elsewhere, ...none },
    file: { option: '--defaults-file', text },
  };
}

/** What every program of the two reads of where a server is, and as whom. */
export function optionsFile({ host, port, user, password }: Parts, { sslmode, sslrootcert }: TlsForApps): string {
  const common = { host, port, user, password, protocol: 'TCP', 'ssl-ca': sslrootcert };
  return `${group('client', common)}${group('client-mariadb', mariadbTls(sslmode))}`;
}

/** Options of MySQL's client. It may be one of MariaDB under its name, which warns of them and goes on. */
export function ownOptions(mode: TlsForApps['sslmode']): readonly string[] {
  return ['--loose-get-server-public-key', ...(mode === undefined ? [] : [`--loose-ssl-mode=${MODES[mode]}`])];
}

/** Newer clients of MariaDB ask every server for a certificate that they can check, unless they are told not to. */
function mariadbTls(mode: TlsForApps['sslmode']): Parts {
  if (mode === 'disable') return { ssl: 'OFF' };
  const checked = mode === 'verify-ca' || mode === 'verify-full';
  return { ...(mode === undefined ? {} : { ssl: 'ON' }), 'ssl-verify-server-cert': checked ? 'ON' : 'OFF' };
}

function group(name: string, options: Parts): string {
  const lines = Object.entries(options).flatMap(([option, value]) => (value === undefined ? [] : [`${option}=${quoted(value)}\n`]));
  return `[${name}]\n${lines.join('')}`;
}

/** Quotes keep `#` and blanks at the ends; a backslash begins an escape inside them too. */
function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
}
