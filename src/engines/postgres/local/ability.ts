import type { LocalAbility } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';

/** A server of cotenant's own, where the manifest gives no `url`. */
export const own: LocalAbility<Config, Placement> = {
  isOwn: (config) => config.url === undefined,
  at: (config, host, port) => ({ ...config, url: `postgres://postgres@${host}:${port}/postgres` }),
  async runtime() {
    return (await import('./own.ts')).runtime;
  },
};
