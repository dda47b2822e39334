import { chmod, glob, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from '../support/children.ts';
import { describe, expect, it } from 'vitest';
import { cliFile, nodePath } from '../support/cli.ts';
import { cache, checkout } from '../support/places.ts';
import { everyday } from '../support/sample.ts';
import { tempDir } from '../support/temp-dir.ts';
import { thorough } from '../support/thorough.ts';

interface Demo {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Runs the demo with its temporary folders in `temp`. Ctrl-C is pressed when `interruptAt` is printed: the whole process group gets it. */
async function runDemo(temp: string, more: { readonly cache?: string; readonly interruptAt?: string } = {}): Promise<Demo> {
  const { cache = join(temp, 'none'), interruptAt } = more;
  const env = { ...process.env, TMPDIR: temp, NO_COLOR: '1', COTENANT_CLI: cliFile(), COTENANT_CACHE: cache };
  const child = spawn(nodePath(), [join(checkout, 'scripts/demo.ts')], {
    cwd: temp,
    env,
    detached: true,
    timeout: 600_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let pressed = false;
  const hear = (text: string): void => {
    output += text;
    if (interruptAt === undefined || pressed || !output.includes(interruptAt) || child.pid === undefined) return;
    pressed = true;
    process.kill(-child.pid, 'SIGINT');
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, output }));
  });
}

/** Command lines of processes that have something to do with the folder. */
async function processesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const file of glob('/proc/[0-9]*/cmdline')) {
    const line = await readFile(file, 'utf8').catch(() => '');
    if (line.includes(folder)) found.push(line.replaceAll('\0', ' '));
  }
  return found;
}

/** The server runs as another user where this is root, and must be able to enter. */
async function openTempDir(): Promise<Awaited<ReturnType<typeof tempDir>>> {
  const dir = await tempDir();
  await chmod(dir.path, 0o755);
  return dir;
}

/** Every engine that the machine can start is shown, and those that this run requires are among them. */
function expectEngines(output: string): void {
  const missing = [...output.matchAll(/^(.*): not (?:on this machine|shown)/gm)].map(([, title]) => title);
  const required = process.env['REQUIRE_ENGINES'] ?? '';
  for (const [title, instance, version] of [
    ['Redis/Valkey', 'cache', 'redis8'],
    ['MySQL and MariaDB', 'scheduler', 'mariadb11'],
  ] as const) {
    if (missing.includes(title) && !required.includes(version)) continue;
    expect(output).toMatch(new RegExp(`\n${instance} +started +127`));
    expect(output).toMatch(new RegExp(`\n${instance} \\(row: attacker, column: target\\)\n`));
  }
}

describe('npm run demo', () => {
  it('does the main job with what npm brings, also beside one with every engine of the machine, and leaves nothing behind', async () => {
    await using temp = await openTempDir();
    // Day by day one of the two, in CI both at once.
    const kinds = everyday(['bare', 'rich'] as const, { oneOf: 2 });
    const demos = await Promise.all(kinds.map(async (kind) => ({ kind, ...(await runDemo(temp.path, kind === 'rich' ? { cache } : {})) })));
    for (const { kind, code, output } of demos) {
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output).toMatch(/\nmain +started +127\.0\.0\.1:\d+ /);
      expect(output).toContain('$ cotenant apply --yes');
      expect(output).toContain('No changes.');
      expect(output).toMatch(/POSTGRES_PASSWORD=[^*\s]+\n/);
      expect(output).toContain('session_user: lernmi_user   current_user: lernmi_owner   note: hello');
      expect(output).toContain('refused: permission denied for database "digi_core"');
      expect(output).toMatch(
        /\$ cotenant verify\n[^]*main \(row: attacker, column: target\)\n +digi_core +lernmi [^]*\nClean: no way from one app to another was found\.\n/,
      );
      if (kind === 'rich') expectEngines(output);
      else {
        expect(output).toMatch(/\nMySQL and MariaDB: not on this machine\. To see it here: .*scripts\/debian-root mysql/);
        expect(output).toMatch(/\$ cotenant verify\n(?:Attacking… .*\n)*main \(row: attacker, column: target\)\n/);
      }
    }
    expect(await readdir(temp.path)).toEqual([]);
    expect(await processesOf(temp.path)).toEqual([]);
  });

  it.each(thorough ? ['will perform these actions', 'at work'] : ['will perform these actions'])(
    'stops clean on Ctrl-C at "%s"',
    async (moment) => {
      await using temp = await openTempDir();
      const { code, signal, output } = await runDemo(temp.path, { interruptAt: moment });
      expect(output).toContain(moment);
      expect(output).not.toContain('Done in');
      expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' });
      expect(await readdir(temp.path)).toEqual([]);
      expect(await processesOf(temp.path)).toEqual([]);
    },
  );
});
