import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { renamesProject } from '../../../support/renamed-project.ts';
import { threeLevels, workplace } from './harness.ts';

describeEachPostgres('a project that was renamed in the manifest', { versions: 'newest' }, (server) => {
  it('is told once whose all that is, and that the old name goes on', async () => {
    await using place = await workplace(server(), threeLevels());
    expect((await place.apply()).ending).toBe('done');
    await renamesProject(place, threeLevels());
  });
});
