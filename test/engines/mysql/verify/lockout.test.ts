import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';

describeEachMysql('a server that shuts a login out after one wrong password', { versions: 'all' }, (server) => {
  it('is told of, and the proof shuts nobody out', { timeout: 120_000 }, async () => {
    await wipe(server());
    await using place = await workplace(server(), manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\n'));
    expect((await place.apply()).ending).toBe('done');
    const isMaria = server().flavor === 'mariadb';
    await ask(
      server(),
      isMaria ? 'SET GLOBAL max_password_errors = 1' : "ALTER USER 'shop_user'@'%' FAILED_LOGIN_ATTEMPTS 1 PASSWORD_LOCK_TIME UNBOUNDED",
    );
    try {
      const project = await openProject({ cwd: place.folder, env: place.env });
      for (const seed of [1, 2]) {
        const { report } = await verifyProject(project, { seed });
        const found = report.findings.map(({ probe, verdict, statement }) => `${verdict} ${probe} ${statement}`);
        expect(found).toEqual([
          isMaria ? 'STARVE MY-Y13 max_password_errors' : expect.stringMatching(/^STARVE MY-Y13 FAILED_LOGIN_ATTEMPTS/),
        ]);
      }
    } finally {
      if (isMaria) await ask(server(), 'SET GLOBAL max_password_errors = 4294967295');
      await wipe(server());
    }
  });
});
