import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { renamesProject } from '../../../support/renamed-project.ts';
import { twoApps, wipe, workplace } from './harness.ts';

const manifest = twoApps.replaceAll('digi_core', 'blog');

describeEachMysql('a project that was renamed in the manifest', { versions: 'all' }, (server) => {
  it('is told once whose all that is, and that the old name goes on', async () => {
    await wipe(server());
    await using place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    await renamesProject(place, manifest);
  });
});
