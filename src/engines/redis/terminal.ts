import { type ClientAbility, type ClientStart, partsOf, placementOf } from '../../engine/index.ts';
import { fixedDatabase } from './compile/places.ts';
import type { Config, Placement } from './config.ts';
import { parseUrl } from './address.ts';
import { targetOf } from './connection.ts';
import { env } from './env.ts';

interface Login {
  readonly host: string;
  readonly port: string;
  readonly tls: boolean;
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
    const { tls } = parseUrl(input.config.publicUrl ?? input.config.url ?? 'redis://127.0.0.1');
    const number = placed ? fixedDatabase(placed) : null;
    return startOf({ host, port, user, password, tls, db: number === null ? db : String(number) }, input.config);
  },
  async startAdmin(input, app, context) {
    const { host, port, user, password, tls } = await targetOf(input.config, context);
    const placed = placementOf(input, app);
    return startOf({ host, port: String(port), user, password, tls, db: String((placed && fixedDatabase(placed)) ?? 0) }, input.config);
  },
};

/** Without a password there is nothing to log in with: the server lets everybody in as its default user. */
function startOf({ host, port, tls, user, password, db }: Login, { tlsVerify }: Config): ClientStart {
  const login = password === '' ? [] : ['--user', user];
  const secure = tls ? ['--tls', ...(tlsVerify ? [] : ['--insecure'])] : [];
  const words = ['-h', host, '-p', port, ...login, ...secure, ...(db === '0' ? [] : ['-n', db])];
  const secret = password === '' ? null : password;
  return { programs: ['valkey-cli', 'redis-cli'], args: () => words, env: { REDISCLI_AUTH: secret, VALKEYCLI_AUTH: secret } };
}
