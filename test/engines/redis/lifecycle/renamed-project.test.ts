import { expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { renamesProject } from '../../../support/renamed-project.ts';
import { manifestOf, wipe, workplace } from './harness.ts';

const manifest = manifestOf(
  'apps:\n  shop: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\nreaders:\n  lens: { reads: [shop, blog] }\n',
);

describeEachRedis('a project that was renamed in the manifest', {}, (server) => {
  it('is told once whose all that is, and that the old name goes on', async () => {
    await wipe(server());
    await using place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    await renamesProject(place, manifest);
  });
});
