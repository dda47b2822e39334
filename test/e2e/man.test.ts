import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { environment } from '../../src/cli/man.ts';
import { withEnvironment } from '../../src/cli/global-options.ts';
import { spawnSync } from '../support/children.ts';
import { runCli } from '../support/cli.ts';
import { commandsAt } from '../support/help.ts';
import { checkout } from '../support/places.ts';
import { tempDir } from '../support/temp-dir.ts';

const groff = spawnSync('groff', ['--version']).status === 0;

it('the manual page has every command with its flags, and groff finds no fault in it', async () => {
  await using folder = await tempDir();
  const { code, stdout } = await runCli(['man'], { cwd: folder.path });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\.TH COTENANT 1 /);
  const [, ...commands] = commandsAt(80);
  const plain = stdout.replaceAll('\\-', '-').replaceAll('\\(dq', '"').replaceAll('\\&', '');
  for (const command of commands) {
    expect(plain).toContain(`\n.SS cotenant ${command.parent?.parent ? `${command.parent.name()} ` : ''}${command.name()}`);
    for (const { flags, hidden } of command.options) if (!hidden) expect(plain).toContain(`\n.B ${flags}\n`);
  }
  if (!groff) return;
  const page = join(folder.path, 'cotenant.1');
  await writeFile(page, stdout);
  const { status, stdout: shown, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-Kutf8', '-ww', page], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(shown.replaceAll(/.\u0008/g, '')).toContain('EXIT STATUS');
});

it('the package brings it, as the program prints it', async () => {
  const manifest = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { man: string; files: readonly string[] };
  expect(manifest.man).toBe('./dist/cotenant.1');
  expect(manifest.files).toContain('dist');
});

it('it names every variable that stands for an option', () => {
  const named = environment.flatMap(([names]) => names.split(', '));
  for (const option of ['FILE', 'NO_COLOR', 'NO_PAGER', 'NO_INPUT', 'QUIET', 'VERBOSE', 'DEBUG']) {
    expect(named).toContain(`COTENANT_${option}`);
    expect(withEnvironment({}, { [`COTENANT_${option}`]: 'x' }, () => false).origins.size).toBe(1);
  }
});
