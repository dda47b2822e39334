import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { planProject } from '../../../src/app/plan.ts';
import { openProject } from '../../../src/app/project.ts';
import type { Step } from '../../../src/model/index.ts';
import { renderPlace } from '../../render/kit.ts';
import { runCli } from '../../support/cli.ts';
import { describeEachPostgres } from '../../support/engines.ts';
import { cache } from '../../support/places.ts';
import { held } from '../../support/ordered.ts';
import { query } from '../../support/query.ts';

const manifest = `cotenant: 1
project: flow
instances:
  main: { engine: postgres, url: "postgres://postgres@127.0.0.1:\${PGPORT:-5432}/postgres", password: { env: ADMIN_PASSWORD } }
apps:
  shop: { uses: { main: { connections: 5 } } }
  blog: { uses: { main: { isolation: schema, database: shared } } }
`;

describeEachPostgres('a rendered set on a fresh server', { versions: 'newest' }, (server) => {
  it('plans what the first manifest plans, is applied without a question, and then gives each app its environment', async () => {
    const env = { PGPORT: String(server().port), ADMIN_PASSWORD: server().password, XDG_CACHE_HOME: cache };
    await using place = await renderPlace(manifest, env);
    await place.render();
    const { notes } = await place.render();
    expect(notes).toEqual([expect.stringContaining('no credentials yet of shop, blog')]);
    // The server of the set has its admin's password from the file, and stands in a network that is not here.
    await writeFile(join(place.out, 'secrets/main-admin'), server().password);
    const set = (await place.read('cotenant.yaml')).replace('@main:5432', `@127.0.0.1:${server().port}`);
    const here = join(place.out, 'here.yaml');
    await writeFile(here, set);
    const steps = async (cwd: string, file?: string): Promise<readonly unknown[]> => {
      const project = await openProject({ cwd, env, ...(file === undefined ? {} : { file }) });
      return held(await planProject(project)).plan.steps.map(({ title, address, action, risk }: Step) => ({
        title,
        address,
        action,
        risk,
      }));
    };
    const planned = await steps(place.out, here);
    expect(planned.length).toBeGreaterThan(10);
    expect(planned).toEqual(await steps(place.folder));
    // As the service cotenant calls it.
    const applied = await runCli(['apply', '--file', here, '--no-input', '--yes', '--lock-timeout', '60s'], { cwd: place.out, env });
    expect(applied).toMatchObject({ code: 0 });
    expect(await runCli(['apply', '--file', here, '--no-input', '--yes', '--lock-timeout', '60s'], { cwd: place.out, env })).toMatchObject({
      code: 0,
    });
    expect(await place.states({ targets: ['env'] })).toEqual({ 'apps/shop/.env': 'missing', 'apps/blog/.env': 'missing' });
    expect((await stat(join(place.out, 'apps/shop/.env'))).mode & 0o777).toBe(0o600);
    const url = /^DATABASE_URL='?([^'\n]*)/m.exec(await readFile(join(place.out, 'apps/blog/.env'), 'utf8'))?.[1] ?? '';
    expect(url).toMatch(/^postgres(ql)?:\/\/blog_user:[^@]+@main:5432\/shared/);
    const reached = url.replace('@main:5432', `@127.0.0.1:${server().port}`);
    expect(await query(reached, 'SELECT current_schema()::text AS schema')).toEqual([{ schema: 'blog' }]);
    const example = await place.read('apps/shop/.env.example');
    expect(example).toMatch(/^# main: login\nPOSTGRES_USER=shop_user$/m);
    expect(example).toMatch(/^POSTGRES_PASSWORD=$/m);
    expect(await place.states({ check: true })).toEqual({});
    await chmod(join(place.out, 'apps/shop/.env'), 0o644);
    expect(await place.states({ check: true })).toEqual({ 'apps/shop/.env': 'exposed' });
  });
});
