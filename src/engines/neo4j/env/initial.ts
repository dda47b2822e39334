import { type Containers, hostAndPort, type Initial, percentEncode, plainText, readServerUrl } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import { urlForm } from '../connect/url-form.ts';

export const containers: Containers = {
  images: /^(?:library\/)?neo4j$/,
  port: urlForm.port,
  address: { host: 'NEO4J_HOST', port: 'NEO4J_PORT' },
};

type Env = Readonly<Record<string, string | undefined>>;

/** A first instance from the variables that people set for an app of the server. A password among them is pointed at and never written. */
export function initial(env: Env): Initial {
  const isSet = (name: string): boolean => (lookUp(env, name) ?? '') !== '';
  const password = isSet('NEO4J_PASSWORD') ? { password: { env: 'NEO4J_PASSWORD' } } : {};
  const first = { name: 'graph', apps: {} };
  const found = foundAddress(env);
  if (found) return { ...first, found: true, instance: { ...found, ...password } };
  if (!isSet('NEO4J_HOST')) return { ...first, found: isSet('NEO4J_AUTH'), instance: {} };
  return { ...first, found: true, instance: { url: 'bolt://${NEO4J_HOST:-127.0.0.1}:${NEO4J_PORT:-7687}', ...password } };
}

/** The scheme stays as it is: it says whether the way is encrypted. */
function foundAddress(env: Env): Readonly<Record<string, unknown>> | null {
  for (const variable of ['NEO4J_URI', 'NEO4J_URL']) {
    const reading = readServerUrl((lookUp(env, variable) ?? '').trim(), urlForm);
    if (!('url' in reading)) continue;
    const { scheme, user, password, ...at } = reading.url;
    const login = user ?? lookUp(env, 'NEO4J_USERNAME') ?? '';
    const url = plainText(`${scheme}://${login === '' ? '' : `${percentEncode(login)}@`}${hostAndPort(at)}`);
    return { url, ...(password === null ? {} : { password: { env: variable, part: 'password' } }) };
  }
  return null;
}
