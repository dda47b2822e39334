import { type Containers, foundUrl, type Initial, plainText } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import { urlForm } from '../connect/url-form.ts';

type Env = Readonly<Record<string, string | undefined>>;

const KNOWN = [
  'REDIS_HOST',
  'REDIS_PORT',
  'REDIS_PASSWORD',
  'REDIS_PASSWORD_FILE',
  'VALKEY_HOST',
  'VALKEY_PORT',
  'VALKEY_PASSWORD',
] as const;

export const containers: Containers = {
  images: /^(?:library\/)?redis$|(?:^|\/)(?:redis|redis-stack|redis-stack-server|valkey)$/,
  port: 6379,
  address: { host: 'REDIS_HOST', port: 'REDIS_PORT' },
  passwordOption: { option: '--requirepass', variable: 'REDIS_PASSWORD' },
};

/**
 * A first instance from the variables that people set for the server's container, or for an app. They are pointed at and not copied, so
 * that the manifest fits every place where they are set. A password among them is never written.
 */
export function initial(env: Env): Initial {
  const isSet = (name: string): boolean => (lookUp(env, name) ?? '') !== '';
  const found = KNOWN.some(isSet);
  if (!found) {
    const url = foundUrl(env, ['REDIS_URL', 'VALKEY_URL', 'REDIS_TLS_URL'], urlForm);
    if (url === null) return { found, name: 'cache', instance: {}, apps: {} };
    return { found: true, name: 'cache', instance: { url: `${url.address}${url.query}`, ...url.password }, apps: {} };
  }
  const front = KNOWN.some((name) => name.startsWith('REDIS_') && isSet(name)) ? 'REDIS' : 'VALKEY';
  const password = isSet(`${front}_PASSWORD`)
    ? { password: { env: `${front}_PASSWORD` } }
    : isSet('REDIS_PASSWORD_FILE')
      ? { password: { file: plainText(env['REDIS_PASSWORD_FILE'] ?? '') } }
      : {};
  return {
    found,
    name: 'cache',
    instance: { url: `redis://\${${front}_HOST:-127.0.0.1}:\${${front}_PORT:-6379}`, ...password },
    apps: {},
  };
}
