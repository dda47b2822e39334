import { fc } from '../../../support/properties.ts';
import { describe, expect, test } from 'vitest';
import { hostileName, holdableName, inheritedNames } from '../../../support/hostile-names.ts';
import { leftovers, spoiled } from '../../../support/spoiled.ts';
import { sqlTokens } from '../../../support/sql-lexer.ts';
import { changesOf } from '../../../../src/plan/changes.ts';
import { hashesOf, type Observation } from '../../../../src/engine/index.ts';
import type { Observed, Command } from '../../../../src/model/index.ts';
import { compile } from '../../../../src/engines/postgres/compile/compile.ts';
import { instanceSchema, placementSchema } from '../../../../src/engines/postgres/config.ts';
import type { Input } from '../../../../src/engines/postgres/compile/draft.ts';
import postgres from '../../../../src/engines/postgres/index.ts';
import { restoreSteps } from '../../../../src/engines/postgres/retire/retire.ts';

/** Every word that a statement may hold outside of quotes. */
const words = new Set(
  `ADMIN ALL ALLOW_CONNECTIONS ALTER AND ANY ARRAY AS AUTHORIZATION BY BYPASSRLS CASCADE CHECK COLLATE COMMENT CONFLICT CONNECT CONNECTION
   CREATE CREATEDB CREATEROLE CURRENT_USER DATABASE DEFAULT DEFINER DELETE DO DOMAIN DROP ENABLE ENCODING EXCLUDED EXECUTE EXISTS
   EXTENSION FALSE FOR FORCE FROM FUNCTION FUNCTIONS GRANT GRANTED IF IN INHERIT INSERT INTO IS IS_TEMPLATE KEY LANGUAGE LARGE LEVEL
   LIKE LIMIT LOCALE LOGIN MAINTAIN MATERIALIZED NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT NOLOGIN NOREPLICATION NOSUPERUSER NOT NULL
   OBJECTS ON OPERATOR OPTION OR OWNED OWNER PARAMETER PASSWORD PERMISSIVE POLICY PRIMARY PRIVILEGES PUBLIC REASSIGN REFERENCES
   RENAME REPLACE REPLICATION RESET RESTRICTIVE RETURNS REVOKE ROLE ROUTINE ROUTINES ROW SCHEMA SCHEMAS SECURITY SELECT SEQUENCE
   SEQUENCES SET STABLE SUPERUSER SYSTEM TABLE TABLES TEMPLATE TEMPORARY TO TRIGGER TRUE TRUNCATE TYPE TYPES UNTIL UPDATE USAGE USING
   VALID VALUES VIEW WHERE WITH a bigint boolean bytea current_user datid datname false has_database_privilege int4 integer n name r regexp_replace rolsuper shobj_description starts_with
   application_name backend_type coalesce pg_roles oid pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared
   pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_backend_pid pg_catalog pg_database_owner pg_has_role pg_logical_emit_message
   pg_stat_activity pg_temp pg_terminate_backend pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock
   pg_try_advisory_xact_lock_shared pid search_path sql template0 text true usename usesysid`.split(/\s+/),
);

/** What stands in a plan beside the statements, without a name. */
const comments = new Set([
  '-- noted in a mark until they have ended: whose sessions hold what is taken',
  '-- taken out of the mark again: whose sessions were to end',
]);

function strange({ text }: Command): readonly string[] {
  return sqlTokens(text).flatMap(({ kind, value }) => {
    if (kind === 'identifier' || kind === 'string' || kind === 'number') return [];
    if (kind === 'word' && words.has(value)) return [];
    if (kind === 'comment' && comments.has(value)) return [];
    if (kind === 'symbol' && '::()[],.=<>-'.includes(value)) return [];
    return kind === 'parameter' && value === ':verifier' ? [] : [`${kind} ${value} in ${text}`];
  });
}

const server = fc.record({
  user: holdableName,
  superuser: fc.boolean(),
  version: fc.constantFrom(140000, 150000, 160000, 170000, 180000),
  createRole: fc.constant(true),
  createDatabase: fc.constant(true),
  deniedSettings: fc.constant([]),
  maxConnections: fc.constant(10_000),
  reservedConnections: fc.constant(0),
  port: fc.constant(5432),
  listens: fc.constant('*'),
  endsSessions: fc.boolean(),
  passwordEncryption: fc.constant('scram-sha-256'),
  release: fc.constant('18.4'),
});

interface Raw {
  readonly isolation: 'database' | 'schema' | 'rows';
  readonly names: readonly [string, string, string, string, string];
  readonly extensions: readonly string[];
  readonly setting: string;
  readonly settingKey: string;
  readonly advisoryLocks: 'allow' | 'deny';
  readonly relaxed: boolean;
  readonly locale: boolean;
}

const raw: fc.Arbitrary<Raw> = fc.record({
  isolation: fc.constantFrom('database', 'schema', 'rows'),
  names: fc.tuple(holdableName, holdableName, holdableName, holdableName, holdableName),
  extensions: fc.array(hostileName, { maxLength: 2 }),
  setting: hostileName,
  settingKey: fc.constantFrom('work_mem', 'app.name', 'App.Other_name', 'temp_tablespaces'),
  advisoryLocks: fc.constantFrom('allow', 'deny'),
  relaxed: fc.boolean(),
  locale: fc.boolean(),
});

/** An input as the manifest gives it. Names are made different, as the manifest asks; those of `whole` stay as they are. */
function inputOf(parts: readonly Raw[], shared: string, removal: 'retain' | 'delete', whole: readonly (string | null)[]): Input {
  const left = [...whole];
  const placements = parts.map((part, index) => {
    const [one, two, three, four, five] = part.names.map((name) => `${index}${name}`);
    const own = part.isolation === 'database';
    const placement = placementSchema.parse({
      isolation: part.isolation,
      database: own ? `${one}d` : `${shared} ${part.isolation}`,
      ...(part.isolation === 'rows' ? { schema: shared, column: shared, workspace: `${two}w` } : { schema: `${one}s` }),
      names: {
        owner: left.pop() ?? `${one}o`,
        readWrite: left.pop() ?? `${two}w`,
        readOnly: left.pop() ?? `${three}r`,
        login: left.pop() ?? `${four}l`,
        standbyLogin: left.pop() ?? `${five}2`,
      },
      extensions: part.extensions,
      settings: { [part.settingKey]: part.setting },
      ...(own ? { advisoryLocks: part.advisoryLocks, ...(part.locale ? { locale: 'C.UTF-8' } : {}) } : {}),
      relax: part.relaxed ? { createOnDatabase: true, temporary: true, logicalMessages: true, unlimitedTempFiles: true } : {},
    });
    return { app: `app-${index}`, placement, path: [] };
  });
  const reads = placements.filter(({ placement }) => placement.isolation !== 'rows').map(({ app }) => app);
  const readers = reads.length > 0 ? [{ name: 'reader', reads, connections: 3, path: [] }] : [];
  return Object.freeze({
    project: 'p',
    name: 'main',
    config: instanceSchema.parse({ foreignDatabases: 'close' }),
    path: [],
    placements,
    readers,
    shares: [],
    operators: [],
    known: [],
    removal,
  });
}

const inputs = fc
  .tuple(
    fc.array(raw, { minLength: 1, maxLength: 4 }),
    holdableName,
    fc.constantFrom('retain', 'delete'),
    fc.shuffledSubarray([...inheritedNames, ...Array<null>(2 * inheritedNames.length).fill(null)]),
  )
  .map((all) => inputOf(...all));

function statementsOf(input: Input, resources: readonly Observed[], facts: Observation['server']): readonly Command[] {
  const { resources: desired, diagnostics } = compile(input);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const marks = [
    { app: 'gone', applied: null, retired: null },
    { app: 'before', applied: null, retired: '2026-01-01' },
  ];
  const observation: Observation = { resources, marks: resources.length > 0 ? marks : [], foreign: [], server: facts, diagnostics: [] };
  const context = { input, observation, today: '2026-11-21', hashes: hashesOf(desired, input) };
  const { steps } = postgres.steps(changesOf(postgres, desired, observation), context);
  const back = restoreSteps('before', context).steps;
  return [...steps, ...back].flatMap((step) => [...step.commands, ...(step.reverse ?? [])]);
}

describe('no statement holds an unquoted name', () => {
  test('of a new server', () => {
    fc.assert(
      fc.property(inputs, server, (input, facts) => {
        expect(statementsOf(input, [], facts).flatMap(strange)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('of a server where everything is wrong', () => {
    fc.assert(
      fc.property(inputs, server, hostileName, hostileName, (input, facts, a, b) => {
        const resources = compile(input).resources.map((one) => spoiled(one, a, `${b}.`));
        const statements = statementsOf(input, [...resources, ...leftovers('main', 'gone', a, b)], facts);
        expect(statements.flatMap(strange)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

test('a name that is not quoted would be found', () => {
  expect(strange({ text: 'DROP ROLE admin' })).toHaveLength(1);
  expect(strange({ text: 'DROP ROLE "a"; DROP ROLE "b"' })).toHaveLength(1);
  expect(strange({ text: 'DROP ROLE "a" -- and more' })).toHaveLength(1);
  expect(strange({ text: 'DROP ROLE "a' })).toHaveLength(1);
});
