import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { threeLevels, urlOf, workplace } from '../lifecycle/harness.ts';

const settings = { logging_collector: true, log_line_prefix: '%m [%p] %q%u@%d ' };

describeEachPostgres('the log of a server that is not ours', { versions: 'newest', settings }, (server) => {
  it('shows its end, of an app only lines of its logins, and nothing where an app could pretend', async () => {
    await using place = await workplace(server(), threeLevels());
    expect((await place.apply()).ending).toBe('done');
    const [shop, blog] = [await urlOf(place, 'shop'), await urlOf(place, 'blog')];
    await query(shop, "DO $$ BEGIN RAISE LOG 'of the shop, %', E'and\\nits second line'; END $$");
    await query(blog, "DO $$ BEGIN RAISE LOG 'of the blog'; END $$");
    const all = await place.cli('logs', 'main');
    expect([all.code, all.stdout]).toEqual([0, expect.stringContaining('of the blog')]);
    const mine = await place.cli('logs', 'shop');
    expect(mine.stdout).toMatch(/shop_user@shop LOG: {2}of the shop, and\n.*its second line/);
    expect(mine.stdout).not.toContain('blog');
    await query(server().url, "ALTER SYSTEM SET log_line_prefix = '%a %u '");
    await query(server().url, 'SELECT pg_reload_conf()');
    const refused = await place.cli('logs', 'shop');
    expect([refused.code, refused.stdout, refused.stderr]).toEqual([1, '', expect.stringContaining('log_line_prefix')]);
  });
});
