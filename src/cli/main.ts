#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { StopSignal } from './interruption.ts';

const minimumNode = 24;

/** The only place that sets the exit code, and that ends the process. */
async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  const version = packageVersion();
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.write(`${version}\n`);
    return;
  }
  if (Number.parseInt(process.versions.node, 10) < minimumNode) {
    await leaveOldNode();
    return;
  }
  cacheCompiledCode();
  const [{ run }, { Interruption }] = await Promise.all([import('./run.ts'), import('./interruption.ts')]);
  const interruption = new Interruption((text) => process.stderr.write(`${text}\n`));
  const onSignal = (signal: StopSignal): void => {
    if (interruption.interrupt(signal) === 'again') process.exit(interruption.code);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  // A reader that went away (`| head`) must not end an apply half way.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreBrokenPipe);
  const { stdin, stdout, stderr, env } = process;
  const program = { command: [process.execPath, import.meta.filename], cache: join(import.meta.dirname, '../../.cache') };
  const code = await run(argv, {
    version,
    cwd: process.cwd(),
    env,
    stdin,
    stdout,
    stderr,
    interruption,
    program,
    interrupt: () => onSignal('SIGINT'),
  });
  // Connections may still be open that nobody waits for.
  if (interruption.signal.aborted) process.exit(code);
  process.exitCode = code;
}

async function leaveOldNode(): Promise<void> {
  const { runOnInstalledNode } = await import('./newer-node.ts');
  const end = await runOnInstalledNode(minimumNode);
  if (end === null) process.stderr.write(`cotenant needs Node ${minimumNode} or newer; this is ${process.version}.\n`);
  if (typeof end !== 'string') {
    process.exitCode = end ?? 1;
    return;
  }
  process.removeAllListeners(end);
  process.kill(process.pid, end);
}

function packageVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const found = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : null;
  return typeof found === 'string' ? found : '0.0.0';
}

// Not in the shared temporary folder, which is Node's default: another user could plant compiled code there.
function cacheCompiledCode(): void {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  if (base.startsWith('/') || process.platform === 'win32') nodeModule.enableCompileCache(join(base, 'cotenant', 'compiled'));
}

function ignoreBrokenPipe(error: Error): void {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
}

await main();
