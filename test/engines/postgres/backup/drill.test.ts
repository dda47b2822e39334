import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { differences } from '../../../../src/backup/compare.ts';
import { drillName as nameFor, type DrillOf } from '../../../../src/engine/index.ts';
import { DRILL } from '../../../../src/engines/postgres/backup/throwaway.ts';
import { at, query } from '../../../support/query.ts';
import { describeSaved } from './saved.ts';

const drillName = (of: DrillOf): string => nameFor(DRILL, of);

describeSaved('drill', ({ url, open, passwordOf, ability }) => {
  test('what only looks like a drill’s stays, and what a killed drill has left goes', async () => {
    const { backup, input, context } = await ability();
    const part = await backup.save(input, 'shop', context);
    const operator = at(url(), { database: 'postgres' });
    const names = "SELECT datname::text AS n FROM pg_database WHERE datname LIKE 'cotenant_drill%' ORDER BY 1";
    const roles = "SELECT rolname::text AS n FROM pg_roles WHERE rolname LIKE 'cotenant_drill%' ORDER BY 1";
    const of = { project: 'saved', instance: 'main', app: 'shop', password: await passwordOf('shop') };
    const left = drillName(of);
    // Another app's, one made with a guessed password, and one with the right name that is not the operator's.
    const kept = [
      drillName({ ...of, app: 'crm' }),
      drillName({ ...of, password: 'guessed' }),
      `cotenant_drill_${'0'.repeat(16)}`,
      drillName(of),
    ];
    for (const name of [left, ...kept]) {
      await query(operator, `CREATE ROLE "${name}"`);
      await query(operator, `CREATE DATABASE "${name}"`);
      await query(operator, `COMMENT ON DATABASE "${name}" IS 'cotenant drill of saved/shop'`);
    }
    await query(operator, `ALTER DATABASE "${kept[3]}" OWNER TO "${kept[3]}"`);
    expect(differences(part.objects, await backup.rehearse(input, 'shop', part, context))).toEqual([]);
    expect((await query(operator, names)).map(({ n }) => n)).toEqual(kept.toSorted());
    expect((await query(operator, roles)).map(({ n }) => n)).toEqual(kept.toSorted());
    for (const name of kept) {
      await query(operator, `DROP DATABASE "${name}"`);
      await query(operator, `DROP ROLE "${name}"`);
    }
  });

  test('nobody is thrown out of what a drill has left', async () => {
    const { backup, input, context } = await ability();
    const part = await backup.save(input, 'shop', context);
    const operator = at(url(), { database: 'postgres' });
    const name = drillName({ project: 'saved', instance: 'main', app: 'shop', password: await passwordOf('shop') });
    await query(operator, `CREATE DATABASE "${name}"`);
    const inside = new pg.Client({ connectionString: at(url(), { database: name }) });
    await inside.connect();
    const said: string[] = [];
    expect(differences(part.objects, await backup.rehearse(input, 'shop', part, { ...context, say: (line) => said.push(line) }))).toEqual(
      [],
    );
    expect(said.join('; ')).toContain(`somebody is still connected to database "${name}"`);
    expect((await inside.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await inside.end();
    expect(differences(part.objects, await backup.rehearse(input, 'shop', part, context))).toEqual([]);
    expect(await query(operator, `SELECT datname FROM pg_database WHERE datname = '${name}'`)).toEqual([]);
  });

  test('a backup of the whole server passes by a drill', async () => {
    const { backup, input, context } = await ability();
    const shop = await open('shop');
    await shop.query(
      'CREATE FUNCTION slow(int) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(2); RETURN true; END$$; CREATE TABLE slowly (n int CHECK (slow(n))); INSERT INTO slowly VALUES (1)',
    );
    const part = await backup.save(input, 'shop', context);
    const rehearsed = backup.rehearse(input, 'shop', part, context);
    const operator = at(url(), { database: 'postgres' });
    const seen = new Set<unknown>();
    const ended = rehearsed.then(() => true);
    while (!(await Promise.race([ended, sleep(50, false)])))
      for (const { open: opens } of await query(
        operator,
        "SELECT datallowconn AS open FROM pg_database WHERE datname LIKE 'cotenant_drill%'",
      ))
        seen.add(opens);
    expect(seen).toContain(false);
    expect(differences(part.objects, await rehearsed)).toEqual([]);
    await shop.query('DROP TABLE slowly; DROP FUNCTION slow');
  });

  test('a table that somebody has locked is waited for, and no backup without it', async () => {
    const { backup, input, context } = await ability();
    const shop = await open('shop');
    await shop.query('BEGIN; LOCK TABLE people');
    const said: string[] = [];
    const part = await backup.save(input, 'shop', {
      ...context,
      say: (line) => {
        said.push(line);
        if (line.startsWith('somebody changes')) void shop.query('COMMIT');
      },
    });
    expect(said[0]).toBe('somebody changes a table: letting them through, and trying again');
    expect(part.objects.find(({ name }) => name === 'public.people')?.rows).toBeGreaterThan(490);
  });
});
