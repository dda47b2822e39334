import type { Diagnostic, Path } from '../model/index.ts';
import type { UrlForm } from './server-url.ts';
import { type TlsConfig, tlsWanted, urlOf } from './tls.ts';

/** True where what is sent does not leave this machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[?::1\]?|\/.*|)$/i.test(host);
}

interface Reached {
  readonly name: string;
  readonly path: Path;
  readonly config: TlsConfig;
}

/** CT3011, where cotenant would reach a server on another machine so that everybody on the way can read it, and the manifest has no word about that. */
export function inClear({ name, path, config }: Reached, form: UrlForm): readonly Diagnostic[] {
  const host = urlOf(config.url, form)?.host ?? '';
  if (tlsWanted(config, form) !== null || isLoopback(host)) return [];
  const message = `cotenant would connect to "${name}" at ${host} without TLS: anybody on the network path can read and change what it sends`;
  const [secure] = form.tlsSchemes;
  const hint =
    secure === undefined
      ? 'add `sslmode: require` or stricter; `sslmode: disable` declares that the network is trusted'
      : `write the address as ${secure}://, where the server answers with TLS; \`tls: { mode: disable }\` declares that the network is trusted`;
  return [{ code: 'CT3011', severity: 'error', message, path: [...path, 'url'], instance: name, hint }];
}

/** The same where a command was given the URL: it says so and goes on. */
export function givenInClear(url: string, instance: string, form: UrlForm): readonly Diagnostic[] {
  return inClear({ name: instance, path: [], config: { url } }, form).map(
    ({ code, message, hint = '' }): Diagnostic => ({ code, severity: 'warning', message, hint, instance }),
  );
}
