import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { execFile, spawn } from './children.ts';
import { compileCache, moduleUnderTest } from './under-test.ts';

type Env = Readonly<Record<string, string>>;

/** Runs a module body with `openStore()` over the file, in a process of its own, and gives what it printed as JSON. */
export async function inProcess<Result>(file: string, body: string, env: Env = {}): Promise<Result> {
  const { stdout } = await execFile(process.execPath, arguments_(file, body), { env: { ...process.env, ...compileCache, ...env } });
  return JSON.parse(stdout) as Result;
}

/**
 * Runs the body again and again, each time in a process that is killed before its n-th change to the file system, until one comes to
 * its end. `check` runs after each. Gives the number of changes.
 */
export async function killAtEachChange(file: string, body: string, env: Env, check: (finished: boolean) => Promise<void>): Promise<number> {
  for (let change = 1; change < 100; change++) {
    const child = spawn(process.execPath, arguments_(file, body, killBefore(change)), {
      env: { ...process.env, ...compileCache, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await once(child, 'exit');
    const finished = child.exitCode === 0;
    if (!finished && child.signalCode !== 'SIGKILL') throw new Error(`the process ended with ${child.exitCode ?? child.signalCode}`);
    await check(finished);
    if (finished) return change - 1;
  }
  throw new Error('the process never came to its end');
}

function arguments_(file: string, body: string, before = ''): string[] {
  const module = pathToFileURL(moduleUnderTest('secrets/store')).href;
  const open = `(await import(${JSON.stringify(module)})).openSecretStore({ file: ${JSON.stringify(file)}, project: 'digi', env: process.env })`;
  return ['--input-type=module', '--eval', `${before}\nconst openStore = async () => await ${open};\n${body}`];
}

/** A module that kills its process before the n-th change to the file system. */
export function killBefore(change: number): string {
  return `import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
let left = ${change};
const wrap = (owner, name) => {
  const original = owner[name];
  owner[name] = function (...given) {
    if ((name !== 'open' || given[1] === 'wx') && --left === 0) process.kill(process.pid, 'SIGKILL');
    return original.apply(this, given);
  };
};
const handle = await promises.open(process.execPath);
const prototype = Object.getPrototypeOf(handle);
await handle.close();
for (const name of ['writeFile', 'sync']) wrap(prototype, name);
for (const name of ['mkdir', 'open', 'rename', 'rm']) wrap(promises, name);
syncBuiltinESMExports();`;
}
