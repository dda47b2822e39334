#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { StopSignal } from './interruption.ts';

/** The first with a lock of files that needs no flag. */
const minimumNode = [22, 13] as const;

/** The only place that sets the exit code, and that ends the process. */
async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  const version = packageVersion();
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.write(`${version}\n`);
    return;
  }
  if (isOlder(process.versions.node)) {
    await leaveOldNode();
    return;
  }
  cacheCompiledCode();
  quietExperiments();
  const [{ run }, { Interruption }] = await Promise.all([import('./run.ts'), import('./interruption.ts')]);
  const interruption = new Interruption((text) => process.stderr.write(`${text}\n`));
  const onSignal = (signal: StopSignal): void => {
    if (interruption.interrupt(signal) === 'again') process.exit(interruption.code);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  // A reader that went away (`| head`) must not end an apply half way.
  const failed = { stdout: false };
  process.stdout.on('error', (error: Error) => {
    if (failed.stdout || !isLost(error)) return;
    failed.stdout = true;
    process.exitCode = 1;
    process.stderr.write('error[CT9002]: standard output cannot be written: no space is left, or the device fails\n');
  });
  process.stderr.on('error', () => undefined);
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
  const end = failed.stdout && code === 0 ? 1 : code;
  if (interruption.signal.aborted) process.exit(end);
  process.exitCode = end;
}

async function leaveOldNode(): Promise<void> {
  const { runOnInstalledNode } = await import('./newer-node.ts');
  const end = await runOnInstalledNode(minimumNode[0]);
  if (end === null) process.stderr.write(`cotenant needs Node ${minimumNode.join('.')} or newer; this is ${process.version}.\n`);
  if (typeof end !== 'string') {
    process.exitCode = end ?? 1;
    return;
  }
  process.removeAllListeners(end);
  process.kill(process.pid, end);
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < minimumNode[0] || (major === minimumNode[0] && minor < minimumNode[1]);
}

/** Node 22 calls SQLite an experiment, which nobody here needs to know; other warnings are printed as usual. */
function quietExperiments(): void {
  const usual = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name === 'ExperimentalWarning' && warning.message.includes('SQLite')) return;
    for (const listener of usual) listener(warning);
  });
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

/** A reader that went away has what it wanted; a disk that is full has not. */
function isLost(error: Error): boolean {
  return !('code' in error) || error.code !== 'EPIPE';
}

await main();
