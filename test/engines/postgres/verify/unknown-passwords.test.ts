import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';

const adopted = (name: string): string => `  ${name}: { uses: { main: { adopt: true, names: { login: ${name} }, connections: 5 } } }\n`;
const manifest = manifestOf(`apps:\n${adopted('old')}${adopted('older')}  fresh: { uses: { main: { connections: 5 } } }\n`);

describeEachPostgres('logins whose password only their app knows', { versions: 'ends' }, (server) => {
  let place: Workplace;

  beforeAll(async () => {
    for (const name of ['old', 'older']) {
      await query(server().url, `CREATE ROLE ${name} LOGIN PASSWORD 'secret of ${name}'`);
      await query(server().url, `CREATE DATABASE ${name} OWNER ${name}`);
    }
    place = await workplace(server(), manifest);
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    return async () => await place[Symbol.asyncDispose]();
  });

  it('are judged by analysis alone, which one line says, with what to do', async () => {
    const { code, stdout } = await place.cli('verify');
    expect({ code, lines: stdout.replaceAll(/\s+/g, ' ').match(/Not attacked[^.]*\./g) }).toEqual({
      code: 0,
      lines: [
        'Not attacked, judged by analysis only: password not known (2 apps: old, older); store it with cotenant credentials set old --password-file FILE.',
      ],
    });
    expect(stdout).toMatch(/6 pairs: 6 closed \(2 attempted, 4 by analysis only\)/);
  });

  it('hides nothing that the analysis sees', async () => {
    onTestFinished(async () => void (await query(server().url, 'REVOKE CONNECT ON DATABASE fresh FROM old')));
    await query(server().url, 'GRANT CONNECT ON DATABASE fresh TO old');
    const { code, stdout } = await place.cli('verify');
    expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringMatching(/BREACH PG-P01 {2}old → fresh/) as unknown });
  });

  it('are not enough where nobody at all was attacked, or where the password was cotenant’s own', async () => {
    await using colleague = await workplace(server(), manifest);
    const { code, stdout } = await colleague.cli('verify');
    expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringMatching(/UNPROVEN PG-ID {2}fresh/) as unknown });
    expect(stdout).toMatch(/UNPROVEN PG-ID {2}old/);
  });

  it('are attacked once the password is handed in', async () => {
    await writeFile(join(place.folder, 'pw'), 'secret of old');
    expect(await place.cli('credentials', 'set', 'old', '--password-file', 'pw')).toMatchObject({ code: 0 });
    const { code, stdout } = await place.cli('verify');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/password not known \(1 app: older\)/) as unknown });
  });
});
