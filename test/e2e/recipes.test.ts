import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { envOfApp } from '../../src/app/env.ts';
import type { EnvOutcome } from '../../src/app/types.ts';
import { openProject } from '../../src/app/project.ts';
import { engineIds, loadEngine } from '../../src/engines/index.ts';
import { parseManifest } from '../../src/manifest/parse.ts';
import { recipeNamed, recipeNames } from '../../src/recipes/index.ts';
import { runCli } from '../support/cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const servers = `  main: { engine: postgres, url: "postgres://root@db.example.com:5432/postgres?sslmode=require" }
  orders: { engine: mysql, url: "mysql://root@my.example.com:3306?ssl-mode=REQUIRED" }
  cache: { engine: redis, url: "rediss://root@cache.example.com:6379" }
`;
const manifestOf = (apps: string, more = ''): string => `cotenant: 1\nproject: p\ninstances:\n${servers}${more}apps:\n${apps}`;

async function parsed(apps: string, more = '') {
  const { manifest, diagnostics } = await parseManifest(manifestOf(apps, more), { file: 'c.yaml', env: {}, engineIds, loadEngine });
  return { diagnostics, placements: (manifest?.instances ?? []).flatMap(({ input }) => input.placements) };
}

const of = { postgres: 'main', mysql: 'orders', redis: 'cache' } as const;
const placed = await Promise.all(
  recipeNames.map(async (name) => {
    const recipe = await recipeNamed(name);
    return { name, engines: (['postgres', 'mysql', 'redis'] as const).filter((id) => Object.hasOwn(recipe?.on ?? {}, id)) };
  }),
);

/** The environment of an app whose passwords are there. */
async function envOf(entry: string, recipe?: string): Promise<ReadonlyMap<string, string>> {
  const { variables } = await outcomeOf(entry, recipe);
  return new Map(variables.map(({ name, value }) => [name, value]));
}

async function outcomeOf(entry: string, recipe?: string): Promise<EnvOutcome> {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), manifestOf(`  shop: ${entry}\n`));
  const project = await openProject({ cwd: folder.path, env: {} });
  const secrets = Object.create(project.secrets, {
    peek: { value: () => 'pa55' },
    derived: { value: () => null },
  }) as typeof project.secrets;
  return await envOfApp({ ...project, secrets }, 'shop', recipe === undefined ? {} : { recipe });
}

describe('a recipe', () => {
  it.each(placed.flatMap(({ name, engines }) => engines.map((engine) => [name, engine] as const)))(
    '%s is right on %s, at each of its levels, and names its variables',
    async (name, engine) => {
      expect((await parsed(`  a: { recipe: ${name}, uses: { ${of[engine]}: {} } }\n`)).diagnostics).toEqual([]);
      if (engine === 'postgres')
        expect((await parsed(`  a: { recipe: ${name}, uses: { main: { isolation: schema, database: shared } } }\n`)).diagnostics).toEqual(
          [],
        );
      const wanted = Object.keys((await recipeNamed(name))?.on[engine]?.env ?? {});
      const place = engine === 'postgres' ? '{ isolation: schema, database: shared }' : '{}';
      const env = await envOf(`{ recipe: ${name}, uses: { ${of[engine]}: ${place} } }`);
      const left = wanted.filter((one) => !env.has(one));
      // What only another level has.
      expect(left.filter((one) => !/WORKSPACE/.test(one))).toEqual([]);
      expect([...env.values()].filter((value) => /\{[\w.]+\}/.test(value))).toEqual([]);
    },
  );

  it.each([
    ['lightrag', 'main: { isolation: schema, database: shared }', ['CT1218'], /27 of its 48 indexes/],
    ['lightrag', 'main: { isolation: rows, database: shared }', ['CT1218'], /only the migrator may/],
    ['lightrag', 'main: {}', [], /^$/],
    ['celery', 'cache: { isolation: database }', [], /^$/],
    ['celery', 'cache: {}', [], /^$/],
  ] as const)('%s on %s warns at a level at which the application is not whole', async (recipe, place, codes, said) => {
    await using folder = await tempDir();
    await writeFile(join(folder.path, 'cotenant.yaml'), manifestOf(`  a: { recipe: ${recipe}, uses: { ${place} } }\n`));
    const told = (await openProject({ cwd: folder.path, env: {} })).diagnostics.filter(({ code }) => code === 'CT1218');
    expect(told.map(({ code, severity, location }) => [code, severity, location?.line])).toEqual(codes.map((code) => [code, 'warning', 8]));
    expect(told.map(({ message }) => message).join()).toMatch(said);
  });

  it('gives a placement what it needs, and what the manifest says comes first', async () => {
    const entry = (fields: string): string => `  a: { recipe: lightrag, uses: { main: ${fields} } }\n`;
    expect((await parsed(entry('{}'))).placements).toMatchObject([{ placement: { extensions: ['vector'] } }]);
    expect((await parsed(entry('{ extensions: [pgcrypto, vector] }'))).placements).toMatchObject([
      { placement: { extensions: ['pgcrypto', 'vector'] } },
    ]);
    const bull = '  a: { recipe: bullmq, uses: { cache: { relax: { info: false } } } }\n';
    expect((await parsed(bull)).placements).toMatchObject([{ placement: { relax: { scripting: true, info: false } } }]);
    const few = '  a: { recipe: prefect, uses: { main: { connections: 3 } } }\n';
    expect((await parsed(few)).placements).toMatchObject([{ placement: { connections: 3, extensions: ['pg_trgm'] } }]);
    const defaults = 'defaults: { postgres: { connections: 4 } }\n';
    expect((await parsed('  a: { recipe: prefect, uses: { main: {} } }\n', defaults)).placements).toMatchObject([
      { placement: { connections: 20 } },
    ]);
    const drizzle = (level: string): string => `  a: { recipe: drizzle, uses: { main: { ${level} } } }\n`;
    const relax = { placement: { relax: { createOnDatabase: true } } };
    expect((await parsed(drizzle('isolation: schema, database: x'))).placements).toMatchObject([relax]);
    expect((await parsed(drizzle(''))).placements).not.toMatchObject([relax]);
    const byDefault = 'defaults: { postgres: { isolation: schema, database: x } }\n';
    expect((await parsed('  a: { recipe: drizzle, uses: { main: {} } }\n', byDefault)).placements).toMatchObject([relax]);
  });

  it('says where it is wrong, and which was meant', async () => {
    const { diagnostics } = await parsed('  a: { recipe: directs, uses: { main: {} } }\n');
    expect(diagnostics).toMatchObject([{ severity: 'error', hint: expect.stringContaining('directus') as unknown }]);
    const wrong = await parsed('  a: { recipe: lightrag, uses: { main: { isolation: rows, database: x, column: 3 } } }\n');
    expect(wrong.diagnostics.length).toBeGreaterThan(0);
  });

  it('maps the variables of each server, at each level, and the app’s own come first', async () => {
    const both = await envOf(
      '{ recipe: directus, uses: { main: { isolation: schema, database: shared }, cache: {} }, env: { DB_CLIENT: { value: postgres } } }',
    );
    expect(both.get('DB_CLIENT')).toBe('postgres');
    expect(both.get('DB_SEARCH_PATH')).toBe('array:shop,public');
    expect(both.get('DB_CONNECTION_STRING')).toBe(both.get('DATABASE_URL'));
    expect(both.get('REDIS')).toBe(both.get('REDIS_URL'));
    const alone = await envOf('{ recipe: directus, uses: { main: {} } }');
    expect([alone.has('DB_SEARCH_PATH'), alone.has('REDIS')]).toEqual([false, false]);
    const mysql = await envOf('{ recipe: easyappointments, uses: { orders: {} } }');
    expect([mysql.get('DB_HOST'), mysql.get('DB_PASSWORD')]).toEqual(['my.example.com:3306', 'pa55']);
  });

  it('can be asked for without being written', async () => {
    const env = await envOf('{ uses: { main: {} } }', 'n8n');
    expect([env.get('DB_TYPE'), env.get('DB_POSTGRESDB_DATABASE')]).toEqual(['postgresdb', 'shop']);
    expect((await envOf('{ uses: { main: {} } }')).has('DB_TYPE')).toBe(false);
    expect((await outcomeOf('{ uses: { cache: {} } }', 'bullmq')).needs).toEqual(['relax: {"scripting":true,"info":true}']);
    expect(await outcomeOf('{ recipe: bullmq, uses: { cache: {} } }')).toMatchObject({
      needs: [],
      hints: expect.arrayContaining([expect.stringContaining('REDIS_KEY_PREFIX')]) as unknown,
    });
  });
});

describe('env --for', () => {
  it('refuses a recipe that it does not know, before it asks for anything', async () => {
    await using folder = await tempDir();
    await writeFile(
      join(folder.path, 'cotenant.yaml'),
      'cotenant: 1\nproject: p\ninstances: { cache: { engine: redis } }\napps: { jobs: { uses: { cache: {} } } }\n',
    );
    const cli = (...args: readonly string[]) => runCli(['env', 'jobs', ...args], { cwd: folder.path });
    expect(await cli('--for', 'bulmq')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/CT1217[^]*"bulmq"[^]*Did you mean "bullmq"/) as unknown,
    });
    expect((await cli('--for', 'zzz')).stderr).toContain('Choose one of alembic, bullmq');
  });
});
