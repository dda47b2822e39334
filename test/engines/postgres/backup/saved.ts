import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeAll, describe, expect } from 'vitest';
import { envOfApp } from '../../../../src/app/env.ts';
import { localInstallations, unpackedInstallations } from '../../../../src/engines/postgres/local/find.ts';
import { type Parts, partsOf } from '../../../support/backup-part.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { cache } from '../../../support/places.ts';
import { type TestProject, testProject } from '../../../support/project.ts';

const manifest = (port: number): string => `cotenant: 1
project: saved
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ADMIN } } }
apps:
  shop: { uses: { main: { extensions: [citext], relax: { createOnDatabase: true } } } }
  copy: { uses: { main: { extensions: [citext], relax: { createOnDatabase: true } } } }
  crm: { uses: { main: { isolation: schema, database: shared } } }
  erp: { uses: { main: { isolation: schema, database: shared } } }
`;

/** As much as a schema can have, in each form whose text could differ after a restore. */
const CONTENT = `
CREATE TYPE mood AS ENUM ('good', 'not so good'); CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE TYPE pair AS (a int, b text);
CREATE TABLE people (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mood mood DEFAULT 'good', n positive, p pair, tags text[], doc jsonb, made timestamptz DEFAULT now(), twice int GENERATED ALWAYS AS (n * 2) STORED);
INSERT INTO people (name, mood, n, p, tags, doc) SELECT 'Ünïcode 🦊 ' || i, CASE WHEN i % 2 = 0 THEN 'good'::mood END, i, ROW(i, E'line\\nbreak'::text)::pair, ARRAY['a', NULL, i::text], jsonb_build_object('i', i) FROM generate_series(1, 500) AS i;
CREATE TABLE odd (f float8, g float4, m numeric, b bytea, d date, t time, tz timetz, iv interval, i inet, u uuid, r int4range, mr int4multirange, bits bit varying(9), x xml, money money, j json, pt point, v tsvector);
INSERT INTO odd VALUES ('NaN', 'Infinity', 'NaN', '\\x00ff', 'infinity', '24:00', '12:00+02', '1 mon -3 days', '10.0.0.0/8', gen_random_uuid(), '[1,5)', '{[1,2),[5,9)}', B'101', '<a/>', '12.50', '{"a": 1,  "b": [1]}', '(1,2)', to_tsvector('simple', 'a fox')), (0.1 + 0.2, 0.1, 1e-20, NULL, '4713-01-01 BC', NULL, NULL, NULL, '::1', NULL, 'empty', '{}', B'', NULL, NULL, NULL, NULL, NULL);
CREATE TABLE visits (day date, who int) PARTITION BY RANGE (day); CREATE TABLE visits_a PARTITION OF visits FOR VALUES FROM ('2020-01-01') TO ('2021-01-01'); CREATE TABLE visits_b PARTITION OF visits DEFAULT;
INSERT INTO visits VALUES ('2020-05-05', 1), ('2025-05-05', 2);
CREATE TABLE parent (n int); CREATE TABLE child (m int) INHERITS (parent); INSERT INTO child VALUES (1, 2);
CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a DEFERRABLE INITIALLY DEFERRED); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE INITIALLY DEFERRED;
BEGIN; INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1); COMMIT;
CREATE SEQUENCE counted START 7; SELECT nextval('counted'), nextval('counted');
CREATE VIEW good AS SELECT name FROM people WHERE mood = 'good'; CREATE MATERIALIZED VIEW counts AS SELECT mood, count(*) FROM people GROUP BY mood;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.made := now(); RETURN NEW; END$$; CREATE TRIGGER stamped BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE RULE gone AS ON DELETE TO odd DO INSTEAD NOTHING; CREATE INDEX named ON people (lower(name)) WHERE n > 3; CREATE STATISTICS of_both ON name, n FROM people;
ALTER TABLE parent ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON parent USING (n > 0); COMMENT ON TABLE people IS 'who''s who';
`;

const installed = [...unpackedInstallations(cache), ...localInstallations()].filter(({ prefix, bin }) =>
  existsSync(join(prefix, bin, 'pg_dump')),
);
const clients = installed.map(({ prefix, bin }) => join(prefix, bin));

/** A project whose apps hold something of everything, for the tests of one suite. */
export interface Saved {
  readonly url: () => string;
  readonly project: () => TestProject;
  /** A session of the app, closed after the test. */
  open(app: string): Promise<pg.Client>;
  passwordOf(app: string): Promise<string>;
  ability(): Promise<Parts>;
}

/** Runs a suite on every version whose client programs this machine has. */
export function describeSaved(name: string, body: (saved: Saved) => void): void {
  describeEachPostgres(name, { versions: 'each' }, (server, major) => {
    describe.skipIf(!installed.some((one) => one.major === major))('with its own clients', () => {
      body(savedProject(server));
    });
  });
}

function savedProject(server: () => { readonly url: string; readonly port: number; readonly password: string }): Saved {
  let project: TestProject;
  const opened: pg.Client[] = [];
  afterEach(async () => {
    for (const client of opened.splice(0)) await client.end();
  });
  const valueOf = async (app: string, variable: string): Promise<string> =>
    (await envOfApp(await project.open(), app)).variables.find(({ name }) => name === variable)?.value ?? '';
  const open = async (app: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: await valueOf(app, 'DATABASE_URL') });
    await client.connect();
    opened.push(client);
    return client;
  };
  beforeAll(async () => {
    project = await testProject(manifest(server().port), { ADMIN: server().password });
    expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
    await fill(open);
    return async () => await project[Symbol.asyncDispose]();
  });
  return {
    url: () => server().url,
    project: () => project,
    open,
    passwordOf: async (app) => await valueOf(app, 'PGPASSWORD'),
    ability: async () => await abilityOf(project),
  };
}

async function abilityOf(project: TestProject): Promise<Parts> {
  const programs = [...clients, ...(process.env['PATH'] ?? '').split(delimiter)];
  return await partsOf(await project.open(), project.path, { programs });
}

async function fill(open: Saved['open']): Promise<void> {
  for (const app of ['shop', 'crm']) {
    const client = await open(app);
    for (const statement of CONTENT.split(/;\n/u)) await client.query(statement);
    if (app === 'shop')
      await client.query(
        "CREATE SCHEMA side; CREATE TABLE side.t (c public.citext); INSERT INTO side.t VALUES ('Ab'); SELECT lo_from_bytea(0, '\\xabcd')",
      );
  }
  const erp = await open('erp');
  await erp.query("CREATE TABLE secret (n int); SELECT lo_from_bytea(0, '\\xab')");
}
