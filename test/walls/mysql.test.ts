import { test } from 'vitest';
import { describeEachMysql } from '../support/engines-mysql.ts';
import { isFull, thorough } from '../support/thorough.ts';
import { MysqlWalls } from './mysql/ground.ts';
import { mutations } from './mysql/mutations.ts';
import { agree, countOf } from './suite.ts';

describeEachMysql('verify and a login that tries everything', { versions: 'kinds', whole: 'worlds' }, (server, version) => {
  const count = countOf(isFull(version, 'worlds') ? 300 : thorough ? 40 : 6);

  test('agree on whatever gives somebody something', { timeout: 60_000 + count * 30_000 }, async () => {
    await using walls = await MysqlWalls.build(server());
    const { flavor } = server();
    const here = mutations.filter((one) => (one.flavor ?? flavor) === flavor);
    await agree(version, walls, here, count, MEANT[flavor]);
  });
});

/** What the manifest gives: a reader reads, and the operator `watch` monitors. */
const APPS = ['wall_a', 'wall_b', 'wall_c', 'wall_gone'];
const BOTH: readonly string[] = [
  'wall_lens learns of wall_a',
  'wall_lens reads wall_a',
  'watch does SHOW ENGINE INNODB',
  ...APPS.map((app) => `watch learns of ${app}`),
];
const MEANT = {
  mysql: [...BOTH, 'watch does SHOW REPLICA STATUS'],
  mariadb: [...BOTH, 'watch does SHOW SLAVE STATUS'],
};
