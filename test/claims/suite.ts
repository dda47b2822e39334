import { expect, test } from 'vitest';
import { DiagnosticError } from '../../src/model/index.ts';
import { randomOf, type Random } from '../support/random.ts';
import { seed } from '../support/sample.ts';
import { full } from '../support/thorough.ts';
import { type Workplace, workplaceIn } from '../support/workplace.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Fields = { readonly [key: string]: Json };

/** A manifest without its head. */
export interface Document {
  readonly apps: { readonly [app: string]: Fields };
  readonly [key: string]: Json;
}

/** Two manifests of two projects, and what the first one does before the second one comes. */
export interface Pair {
  readonly first: Document;
  /** The first one after it was edited: apps that are gone are retired. */
  readonly later: Document | null;
  /** Somebody takes the mark off the login or the place of its first app. */
  readonly lost: 'login' | 'place' | null;
  readonly second: Document;
}

/** One app of a project, with what it needs to log in; null: a login that cotenant knows no password of. */
export interface Tenant {
  readonly project: string;
  readonly app: string;
  readonly variables: Readonly<Record<string, string>> | null;
  readonly retired: boolean;
  /** Its manifest says that it does without a wall. */
  readonly open: boolean;
  readonly placement: Fields;
}

/** A server for pairs of projects. */
export interface Ground {
  readonly name: string;
  env(): Readonly<Record<string, string>>;
  /** `instances.main` of every manifest. */
  readonly instance: Fields;
  draw(random: Random): Pair;
  isOpen(placement: Fields): boolean;
  /** What is there before both. */
  begin(): Promise<void>;
  /** The app puts something where it has its data; a second time changes nothing. */
  settle(tenant: Tenant): Promise<void>;
  /** Takes away what says whose it is. */
  forget(tenant: Tenant, what: 'login' | 'place'): Promise<void>;
  /** What the operator sees of what belongs to an app: its data and its rights. */
  holdingsOf(tenant: Tenant): Promise<string>;
  /** What it can still do with its own. */
  works(tenant: Tenant): Promise<string>;
  /** What `attacker` can do to what `victim` has. */
  reaches(attacker: Tenant, victim: Tenant): Promise<readonly string[]>;
  wipe(): Promise<void>;
}

const { CLAIMS } = process.env;

/** Two projects, one after the other: whatever the second one is granted, nobody of the one has anything of the other. */
export function testClaims(ground: () => Ground, usual: number): void {
  const count = CLAIMS === undefined || CLAIMS === '' ? (full ? 300 : usual) : Number(CLAIMS);
  test(`two projects on one server keep apart: ${count} pairs, SEED=${seed}`, { timeout: 60_000 + count * 60_000 }, async () => {
    const faults: string[] = [];
    const figures = { pairs: 0, applied: 0, refused: 0, skipped: 0 };
    for (let index = 0; index < count && faults.length < 6; index++) {
      const pair = ground().draw(randomOf(seed + index));
      const { ending, found } = await play(ground(), pair);
      figures.pairs++;
      figures[ending]++;
      const said = found.map((one) => `SEED=${seed + index}: ${one}`);
      if (said.length > 0) faults.push([...said, JSON.stringify(pair)].join('\n  '));
      await ground().wipe();
    }
    console.info(`${ground().name}, SEED=${seed}: ${JSON.stringify(figures)}`);
    expect(faults.join('\n\n')).toBe('');
  });
}

interface Played {
  readonly ending: 'applied' | 'refused' | 'skipped';
  readonly found: readonly string[];
}

async function play(ground: Ground, { first, later, lost, second }: Pair): Promise<Played> {
  await ground.begin();
  await using one = await place(ground, 'one', first);
  const begun = await applied(one);
  if (begun.ending !== 'done') return { ending: 'skipped', found: [] };
  const mine = await tenantsOf(ground, one, 'one', first);
  for (const tenant of mine) await ground.settle(tenant);
  if (later) {
    await one.write(manifest(ground, 'one', later));
    if ((await applied(one)).ending !== 'done') return { ending: 'skipped', found: [] };
  }
  const victims = mine.map((tenant) => ({ ...tenant, retired: later !== null && !(tenant.app in later.apps) }));
  const [loser] = victims;
  if (lost !== null && loser) await ground.forget(loser, lost);
  const before = await lookAt(ground, victims);
  await using two = await place(ground, 'two', second);
  const { ending, errors } = await applied(two);
  const found = differences(before, await lookAt(ground, victims));
  const silent = lost === null ? (await one.plan()).plan.steps : [];
  found.push(...silent.map((step) => `one's plan wants to ${step.title} ${step.address.name}`));
  if (ending === 'failed' && errors.length > 0) {
    // Nothing of a manifest is refused without a word on whose it is, or what is wrong with the manifest itself.
    return { ending: 'refused', found };
  }
  if (ending !== 'done') return { ending: 'refused', found: [...found, `two ends ${ending}`] };
  const theirs = await tenantsOf(ground, two, 'two', second);
  for (const tenant of theirs) await ground.settle(tenant);
  for (const mine of victims) {
    for (const other of theirs) {
      found.push(...(await ground.reaches(other, mine)).map((what) => `${other.app} of two ${what} of ${mine.app} of one`));
      if (!mine.retired)
        found.push(...(await ground.reaches(mine, other)).map((what) => `${mine.app} of one ${what} of ${other.app} of two`));
    }
  }
  found.push(...(await two.plan()).plan.steps.map((step) => `two's plan still wants to ${step.title} ${step.address.name}`));
  found.push(...(await ended(ground, two, victims, before)));
  return { ending: 'applied', found };
}

/** The second project leaves, with all its data: nothing of the first one goes. */
async function ended(ground: Ground, two: Workplace, victims: readonly Tenant[], before: readonly string[]): Promise<readonly string[]> {
  await two.write(manifest(ground, 'two', { apps: {} }));
  await applied(two);
  await two.write(manifest(ground, 'two', { apps: {}, removal: 'delete' }));
  await applied(two);
  return differences(before, await lookAt(ground, victims)).map((one) => `after two is deleted: ${one}`);
}

async function place(ground: Ground, project: string, document: Document): Promise<Workplace> {
  return await workplaceIn(manifest(ground, project, document), ground.env(), (plan) =>
    plan.steps.flatMap((step) => [
      ...(step.confirm === undefined ? [] : [step.confirm]),
      ...(step.losses ?? []).flatMap(({ who, confirm }) => [who, ...(confirm === undefined ? [] : [confirm])]),
    ]),
  );
}

const manifest = (ground: Ground, project: string, document: Document): string =>
  JSON.stringify({ cotenant: 1, project, instances: { main: ground.instance }, ...document });

async function applied(one: Workplace): Promise<{ readonly ending: string | null; readonly errors: readonly string[] }> {
  try {
    const { ending, diagnostics } = await one.apply();
    return { ending, errors: diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`) };
  } catch (error) {
    // A manifest that contradicts itself.
    if (error instanceof DiagnosticError) return { ending: 'failed', errors: [error.message] };
    throw error;
  }
}

async function tenantsOf(ground: Ground, one: Workplace, project: string, { apps }: Document): Promise<readonly Tenant[]> {
  return await Promise.all(
    Object.entries(apps).map(async ([app, { uses }]): Promise<Tenant> => {
      const { main: placement } = uses as { readonly main: Fields };
      const open = ground.isOpen(placement);
      const variables = await one.reveal(app).catch(() => null);
      return { project, app, variables, retired: false, open, placement };
    }),
  );
}

async function lookAt(ground: Ground, tenants: readonly Tenant[]): Promise<readonly string[]> {
  const seen: string[] = [];
  for (const tenant of tenants) {
    seen.push(`${tenant.app} has ${await ground.holdingsOf(tenant)}`);
    if (!tenant.retired) seen.push(`${tenant.app} ${await ground.works(tenant)}`);
  }
  return seen;
}

const differences = (before: readonly string[], after: readonly string[]): string[] =>
  before.flatMap((one, index) => (after[index] === one ? [] : [`${one} -> ${after[index] ?? ''}`]));

/** What came of it, as text that two looks at the same thing give alike. */
export async function answered(answer: Promise<unknown>): Promise<string> {
  return await answer.then(
    (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
    (error: unknown) => `refused: ${error instanceof Error ? error.message : String(error)}`,
  );
}
