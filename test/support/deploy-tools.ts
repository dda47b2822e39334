import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A program that reads rendered files, or what `serve` measures: unpacked by `scripts/debian-root`, or of this system; null: this machine has none. */
export function deployTool(
  cache: string,
  name: 'docker-compose' | 'promtool' | 'prometheus',
): { readonly way: 'unpacked' | 'local'; readonly program: string } | null {
  const below = name === 'docker-compose' ? 'usr/libexec/docker/cli-plugins/docker-compose' : `usr/bin/${name}`;
  const programs = [
    { way: 'unpacked', program: join(cache, 'debian', name, below) },
    { way: 'local', program: `/${below}` },
  ] as const;
  return programs.find(({ program }) => existsSync(program)) ?? null;
}
