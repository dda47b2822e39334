import type { Diagnostic, Path } from '../model/index.ts';

/** True where what is sent does not leave this machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[?::1\]?|\/.*|)$/i.test(host);
}

interface Reached {
  readonly name: string;
  readonly path: Path;
  /** Where cotenant reaches it; null: nowhere yet. */
  readonly host: string | null;
}

/** CT3011, where cotenant reaches a server on another machine so that everybody on the way can read it. `accepted`: TLS, or somebody has said so. */
export function inClear({ name, path, host }: Reached, accepted: boolean, hint: string): readonly Diagnostic[] {
  if (accepted || host === null || isLoopback(host)) return [];
  const message = `cotenant connects to "${name}" at ${host} without TLS: anybody on the network path can read and change what it sends`;
  return [{ code: 'CT3011', severity: 'warning', message, path: [...path, 'url'], instance: name, hint }];
}

/** The same, where the instance has a field for TLS. */
export function inClearUnless(reached: Reached, { sslmode }: { readonly sslmode?: string | undefined }): readonly Diagnostic[] {
  const hint = 'add `sslmode: require` or stricter; `sslmode: disable` declares that the network is trusted';
  return inClear(reached, sslmode !== undefined, hint);
}
