import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, timed, type Timed, watchedRun, type Watched } from './process.ts';

export const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** A folder with a manifest, and the environment that it needs. */
export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The compiled CLI as a process of its own. */
export class Cli {
  readonly #main: string;

  constructor(main: string) {
    this.#main = main;
  }

  static build(file: string | null): Cli {
    if (file === null) {
      const { status } = spawnSync(process.execPath, [join(checkout, 'scripts/build.ts'), '--if-stale'], { stdio: 'inherit' });
      if (status !== 0) throw new Error('the build failed');
    }
    const main = file === null ? join(checkout, 'dist/cli/main.js') : resolve(file);
    if (!existsSync(main)) throw new Error(`${main} does not exist`);
    return new Cli(main);
  }

  async timed(place: Place, args: readonly string[], codes: readonly number[] = [0]): Promise<Timed> {
    return await timed(this.#command(place, args, codes));
  }

  async watched(place: Place, args: readonly string[], codes: readonly number[] = [0]): Promise<Watched> {
    return await watchedRun(this.#command(place, args, codes));
  }

  #command(place: Place, args: readonly string[], codes: readonly number[]): Command {
    return { program: process.execPath, args: [this.#main, ...args], cwd: place.cwd, env: place.env, codes };
  }
}
