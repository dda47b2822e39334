import { type ClientAbility, type ClientStart, partsOf, placementOf, type TlsForApps, tlsForApps, urlOf } from '../../../engine/index.ts';
import { fixedDatabase } from '../compile/places.ts';
import type { Config, Placement } from '../config.ts';
import { urlForm } from '../connect/url-form.ts';
import { targetOf } from '../connect/connection.ts';
import { env } from './env.ts';

interface Login {
  readonly host: string;
  readonly port: string;
  /** null: no TLS. */
  readonly tls: TlsForApps | null;
  readonly user: string;
  readonly password: string;
  readonly db: string;
}

export const client: ClientAbility<Config, Placement> = {
  start(input, { who, login, where }, context) {
    const variables = env(input, who, { ...context, prefix: null, ...(login === undefined ? {} : { login }) });
    const placed = where === undefined ? undefined : placementOf(input, where);
    if (variables === null || (where !== undefined && !placed)) return null;
    const { host = '', port = '', user = '', password = '', db = '0' } = partsOf(variables);
    const { publicUrl, url } = input.config;
    const { scheme = '' } = urlOf(publicUrl ?? url, urlForm, publicUrl === undefined ? 'server' : 'apps') ?? {};
    const tls = urlForm.tlsSchemes.includes(scheme) ? tlsForApps(input.config, urlForm, publicUrl, context.file) : null;
    const number = placed ? fixedDatabase(placed) : null;
    return startOf({ host, port, user, password, tls, db: number === null ? db : String(number) });
  },
  async startAdmin(input, app, context) {
    const { host, port, user, password, tls: on } = await targetOf(input.config, context);
    const tls = on ? tlsForApps(input.config, urlForm, undefined, context.file) : null;
    const placed = placementOf(input, app);
    return startOf({ host, port: String(port), user, password, tls, db: String((placed && fixedDatabase(placed)) ?? 0) });
  },
};

/** Without a password there is nothing to log in with: the server lets everybody in as its default user. */
function startOf({ host, port, tls, user, password, db }: Login): ClientStart {
  const login = password === '' ? [] : ['--user', user];
  const { sslmode, sslrootcert } = tls ?? {};
  const authority = sslrootcert === undefined ? [] : ['--cacert', sslrootcert];
  const secure = tls ? ['--tls', ...(sslmode === 'require' ? ['--insecure'] : authority)] : [];
  const words = ['-h', host, '-p', port, ...login, ...secure, ...(db === '0' ? [] : ['-n', db])];
  const secret = password === '' ? null : password;
  return { programs: ['valkey-cli', 'redis-cli'], args: () => words, env: { REDISCLI_AUTH: secret, VALKEYCLI_AUTH: secret } };
}
