import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execFile } from '../../test/support/children.ts';
import { expect, it } from 'vitest';
import { nodePath } from '../../test/support/cli.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import { userUnit } from './user-unit.ts';

const strange = '/home/a b/100%/"q"/$HOME/back\\slash/cotenant.yaml';

it('a unit names the manifest as it is, whatever is in its path', () => {
  const unit = userUnit({ project: 'digi', file: strange, command: ['/bin/node', '/x/main.js'], path: '/bin' });
  expect(unit).toContain('ExecStart="/bin/node" "/x/main.js" "up" "--file" "/home/a b/100%%/\\"q\\"/$$HOME/back\\\\slash/cotenant.yaml"\n');
  expect(unit).toContain('ExecStop="/bin/node" "/x/main.js" "down" "--file"');
});

const analyze = '/usr/bin/systemd-analyze';

it.skipIf(!existsSync(analyze))('systemd finds no fault in it', async () => {
  await using dir = await tempDir();
  const file = join(dir.path, 'cotenant-digi.service');
  await writeFile(file, userUnit({ project: 'digi', file: strange, command: [nodePath(), '/x/main.js'], path: '/bin:/usr/bin' }));
  const { stdout, stderr } = await execFile(analyze, ['verify', file]);
  expect(stdout + stderr).toBe('');
});
