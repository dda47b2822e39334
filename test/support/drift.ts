import pg from 'pg';
import { expect } from 'vitest';
import type { PostgresServer } from '../engines/postgres/runtime.ts';
import type { Major } from '../../src/engines/postgres/local/find.ts';
import { secretName } from '../../src/engines/postgres/compile/roles.ts';
import type { Plan } from '../../src/model/index.ts';
import { Catalog } from './catalog.ts';
import { type TestProject, testProject } from './project.ts';
import { tableFor } from './engines.ts';

/** One change by hand, and the field by which the plan must name it. */
export interface Drift {
  readonly name: string;
  readonly sql: string;
  /** Database in which it is made. Default `postgres`. */
  readonly on?: string;
  /** Login that makes it; the superuser unless set. */
  readonly as?: string;
  /** Against `kind name: field` of each field in the plan; the field of what is made again is `missing`. */
  readonly field: RegExp | readonly RegExp[];
  /** First and last major that has it. */
  readonly since?: Major;
  readonly until?: Major;
  /** What is left for good and is taken away by the test, in the same database as the superuser. */
  readonly undo?: string;
  /** Asked before `undo`, in the same database as the superuser: what the change must have come to. */
  readonly holds?: { readonly sql: string; readonly is: unknown };
}

/** A server with a manifest applied to it, where rows of a drift table are tried one after the other. */
export class DriftWorld implements AsyncDisposable {
  readonly #server: PostgresServer;
  readonly #databases: readonly string[];
  #yaml: string;
  readonly catalog: Catalog;
  readonly project: TestProject;
  /** The catalogs as the last row that passed left them. */
  #known: readonly string[] | null = null;

  private constructor(server: PostgresServer, project: TestProject, yaml: string, databases: readonly string[]) {
    this.#yaml = yaml;
    this.#server = server;
    this.#databases = databases;
    this.project = project;
    this.catalog = new Catalog(server);
  }

  /** `yaml` is what follows the instance `main`. */
  static async make(server: PostgresServer, yaml: string, databases: readonly string[]): Promise<DriftWorld> {
    const text = head(server) + yaml;
    const world = new DriftWorld(server, await testProject(text, { ADMIN: server.password }), text, databases);
    try {
      await world.apply();
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Puts another manifest in the place of this one, and gives the text of this one. */
  async manifest(yaml: string): Promise<string> {
    const before = this.#yaml;
    this.#yaml = head(this.#server) + yaml;
    await this.project.write(this.#yaml);
    return before;
  }

  /** Applies, and gives the plan that it went by. */
  async apply(confirm: readonly string[] | 'strangers' = 'strangers'): Promise<Plan> {
    const { ending, trouble, outcome } = await this.project.apply({ confirm });
    expect({ ending, trouble }).toEqual({ ending: expect.stringMatching(/^(done|nothing-to-do)$/) as unknown, trouble: '' });
    if (!outcome) throw new Error('an apply makes a plan');
    return outcome.plan;
  }

  /** A connection with a login's own password. */
  async login(user: string, database: string): Promise<pg.Client> {
    const { secrets } = await this.project.open();
    const password = secrets.peek({ secret: secretName('main', user) });
    if (password === null) throw new Error(`no password of ${user} is stored`);
    const client = new pg.Client({ host: this.#server.host, port: this.#server.port, user, password, database });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async runAs(user: string, database: string, sql: string): Promise<readonly unknown[][]> {
    const client = await this.login(user, database);
    try {
      const result: pg.QueryArrayResult | readonly pg.QueryArrayResult[] = await client.query({ text: sql, rowMode: 'array' });
      const results: readonly pg.QueryArrayResult[] = 'rows' in result ? [result] : result;
      return results.at(-1)?.rows ?? [];
    } finally {
      await client.end();
    }
  }

  /** Change, apply, plan: the change is seen as drift under its name, corrected, and gone; the catalogs are as before. */
  async expectMended(drift: Drift): Promise<void> {
    const database = drift.on ?? 'postgres';
    const before = this.#known ?? (await this.catalog.lines(this.#databases));
    this.#known = null;
    if (drift.as === undefined) await this.catalog.run(database, drift.sql);
    else await this.runAs(drift.as, database, drift.sql);
    const plan = await this.apply();
    const fields = fieldsOf(plan);
    for (const field of [drift.field].flat()) expect(fields).toContainEqual(expect.stringMatching(field));
    expect(plan.steps.map((step) => step.cause)).toEqual(plan.steps.map(() => 'drift'));
    if (drift.holds) expect(await this.catalog.run(database, drift.holds.sql)).toEqual([[drift.holds.is]]);
    if (drift.undo !== undefined) await this.catalog.run(database, drift.undo);
    const [after, pending] = await Promise.all([this.catalog.lines(this.#databases), this.pending()]);
    expect(after).toEqual(before);
    expect(pending).toEqual([]);
    this.#known = after;
  }

  /** What a plan would do. */
  async pending(): Promise<readonly string[]> {
    const { plan } = await this.project.plan();
    return plan.steps.flatMap((step) => step.commands.map(({ text }) => text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.catalog[Symbol.asyncDispose]();
    await this.project[Symbol.asyncDispose]();
  }
}

function head(server: PostgresServer): string {
  return `cotenant: 1
project: tests
instances: { main: { engine: postgres, url: 'postgres://postgres@${server.host}:${server.port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
`;
}

function fieldsOf(plan: Plan): readonly string[] {
  return plan.steps.flatMap(({ address, action, fields }) => {
    const names = action === 'create' && fields.length === 0 ? ['missing'] : fields.map(({ field }) => field);
    return names.map((name) => `${address.kind} ${address.name}: ${name}`);
  });
}

/** The rows that a major has. */
export function driftsOf(major: Major, table: readonly Drift[]): readonly Drift[] {
  const here = table.filter(({ since = major, until = major }) => major >= since && major <= until);
  return tableFor(major, here, 2);
}
