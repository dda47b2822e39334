import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { sampled, strideOn } from '../../../support/sample.ts';
import type { Finding } from '../../../../src/model/index.ts';
import { manifestOf } from '../lifecycle/harness.ts';
import { everybodyFacts } from './facts-everybody.ts';
import { type Fact, insideFacts, sharedFacts } from './facts.ts';
import { seedTables, type Ground, ground } from './harness.ts';
import { probes } from '../../../../src/engines/postgres/verify/probes/probes.ts';

const known = new Set(probes.map((probe) => probe.id));

function lines(findings: readonly Finding[]): string[] {
  return findings.map(({ probe, from, to, statement, answer }) => [probe, from ?? '*', to ?? '*', statement, answer].join(' | '));
}

describeEachPostgres('the analysis', { versions: 'newest', whole: 'moments' }, (server, major) => {
  let made: Ground;
  beforeAll(async () => {
    made = await ground(server());
    await made.sql('postgres', "CREATE ROLE stranger LOGIN PASSWORD 'unknown'");
    await seedTables(made);
  });
  afterAll(async () => await made[Symbol.asyncDispose]());

  it('finds nothing where nothing is wrong, and says what is declared and what can never be closed', async () => {
    const { findings, declared, residual, analysed } = await made.analyse();
    expect(lines(findings)).toEqual([]);
    expect(declared).toEqual([
      { from: 'm_lens', to: 'm_a' },
      { from: 'm_lens', to: 'm_s' },
    ]);
    expect(residual.map(({ probe }) => probe)).toEqual(expect.arrayContaining(['PG-P05', 'PG-D2', 'PG-S02', 'PG-R03']));
    expect(analysed).toBeGreaterThan(100);
  });

  it.each(
    sampled(
      [...sharedFacts, ...insideFacts, ...everybodyFacts].filter(({ since = 14 }) => since <= major),
      { oneOf: strideOn(`postgres${major}`, { daily: 6, ci: 2 }) },
    ).map((fact) => [named(fact), fact] as const),
  )('sees %s, and its fixes close it where it has some', async (_name, fact) => {
    await made.sql(fact.in, fact.sql);
    const { findings } = await made.analyse();
    expect(findings.map((one) => [one.probe, one.from, one.to])).toContainEqual(fact.seen);
    expect(findings.filter((one) => !known.has(one.probe) || one.verdict === 'UNPROVEN' || one.half !== 'analysis')).toEqual([]);
    for (const { lane, statement } of findings.flatMap((one) => one.fix)) {
      // One mistake can have several findings, and the fix of one may close the others.
      await made
        .sql(lane === 'shared' ? 'postgres' : lane.slice(3), statement.text)
        .catch((error: unknown) => expect(String(error)).toMatch(/does not exist|dependent privileges/));
    }
    // What is somebody's to keep has no fix.
    const open = findings.some((one) => one.probe === fact.seen[0] && one.fix.length === 0);
    if (open) await made.sql(fact.in, fact.undo);
    expect(lines((await made.analyse()).findings.filter((one) => one.probe === fact.seen[0]))).toEqual([]);
    if (!open) await made.sql(fact.in, fact.undo).catch(() => undefined);
  });

  it('is silent again at the end', async () => {
    expect((await made.place.apply()).ending).toMatch(/done|nothing/);
    expect(lines((await made.analyse()).findings)).toEqual([]);
  });
});

function named({ seen, sql }: Fact): string {
  return `${seen.map((part) => part ?? '*').join(' ')}: ${sql.slice(0, 60)}`;
}

const relaxed = manifestOf(`apps:
  one: { uses: { main: { connections: 5, advisoryLocks: deny, relax: { logicalMessages: true, unlimitedTempFiles: true } } } }
  two: { uses: { main: { connections: 5, settings: { work_mem: 8MB, app.flavour: vanilla }, statementTimeout: 30s, schema: stuff } } }
  six: { uses: { main: { connections: 5, isolation: schema, database: "Mixed Case", relax: { createOnDatabase: true, temporary: true } } } }
  ten: { uses: { main: { connections: 5, isolation: schema, database: "Mixed Case" } } }
  ray: { uses: { main: { connections: 5, isolation: rows, database: rows, column: tenant-id, workspace: "r'ay", relax: { temporary: true } } } }
  roy: { uses: { main: { connections: 5, isolation: rows, database: rows, column: tenant-id } } }
readers:
  eye: { reads: [one, six, ten] }
`);

describeEachPostgres('the analysis of a system with every relaxation', { versions: 'newest' }, (server) => {
  it('finds nothing, also in what the apps made', async () => {
    await using made = await ground(server(), relaxed);
    expect(lines((await made.analyse()).findings)).toEqual([]);
    await made.sql(
      'two',
      'SET SESSION AUTHORIZATION two_user; CREATE SCHEMA more; CREATE TABLE more.t (id serial PRIMARY KEY); CREATE EXTENSION IF NOT EXISTS pgcrypto',
    );
    await made.sql(
      'Mixed Case',
      'SET SESSION AUTHORIZATION six_user; SET ROLE six_owner; CREATE TABLE six.t (id serial); CREATE VIEW six.v AS SELECT 1 AS x',
    );
    await made.sql(
      'rows',
      'SET ROLE rows_owner; CREATE TABLE public.things ("tenant-id" text, id bigint GENERATED ALWAYS AS IDENTITY); CREATE TABLE public.parted ("tenant-id" text, day date) PARTITION BY RANGE (day); CREATE TABLE public.parted_1 PARTITION OF public.parted DEFAULT',
    );
    expect((await made.place.apply()).ending).toMatch(/done|nothing/);
    expect(lines((await made.analyse()).findings)).toEqual([]);
  });
});
