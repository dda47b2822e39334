import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { checkout } from '../support/places.ts';
import { changeMark } from '../support/query.ts';
import { tempDir } from '../support/temp-dir.ts';

const apps = ['digi_core', 'lernmi', 'beep_boop', 'madansara', 'sankore', 'onside'];

describeEachPostgres('examples/digi', { versions: 'ends' }, (server) => {
  it('is applied, walled in and proved, and a second apply writes nothing', async () => {
    await using folder = await tempDir();
    await cp(join(checkout, 'examples/digi/cotenant.yaml'), join(folder.path, 'cotenant.yaml'));
    const { host, port, password } = server();
    const env = { POSTGRES_HOST: host, POSTGRES_PORT: String(port), POSTGRES_PASSWORD: password };
    const cotenant = async (...args: readonly string[]) => await runCli(args, { cwd: folder.path, env });

    const first = await cotenant('apply', '--yes');
    expect(first.code, first.stderr).toBe(0);

    const before = await changeMark(server().url);
    const second = await cotenant('apply', '--yes');
    expect(second.code, second.stderr).toBe(0);
    expect(await changeMark(server().url), 'transactions that changed something').toBe(before);
    expect((await cotenant('plan', '--detailed-exitcode')).code).toBe(0);

    const proof = await cotenant('verify', '--json', '--exhaustive');
    expect(proof.code, proof.stdout).toBe(0);
    expect(JSON.parse(proof.stdout)).toMatchObject({ apps, findings: [] });
  });
});
