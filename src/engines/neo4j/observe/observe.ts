import { setTimeout as sleep } from 'node:timers/promises';
import { type AppMark, candidatesOf, hashesOf, type Observation, type PasswordState, type SecretSource } from '../../../engine/index.ts';
import type { Diagnostic, Foreign, Observed } from '../../../model/index.ts';
import { compile } from '../compile/compile.ts';
import { ENGINE, type Input } from '../compile/draft.ts';
import type { Connection, Target } from '../connect/connection.ts';
import { tryLogin } from '../connect/login.ts';
import { sessionsOf } from '../connect/sessions.ts';
import { RATE_LIMITED } from '../connect/trouble.ts';
import { isLedger, type Mark, readMark } from '../marks/mark.ts';
import { type Basis, isSeen, isWanted, type LedgerSeen, type UserSeen, type UserSpec } from '../spec.ts';
import { secretName } from '../names.ts';
import { contentOf } from './graph.ts';
import { readServer } from './server.ts';

export interface ObserveContext {
  readonly input: Input;
  readonly secrets: SecretSource;
  readonly connection: Connection;
  readonly target: Target;
  readonly deadline: number;
}

/** Milliseconds for which the server lets nobody in as a user after some wrong passwords, and a little more. */
const LOCKED = 5_500;

interface User {
  readonly name: string;
  readonly mustChange: boolean;
}

export async function observe(context: ObserveContext): Promise<Observation> {
  const { input, secrets, connection, target } = context;
  const server = await readServer(connection, target.user);
  const users = await usersOf(connection);
  const marks = users.flatMap(({ name }) => readMark(name) ?? []);
  const ours = marks.filter(({ project }) => project === input.project);
  const wanted = new Map(compile(input).resources.flatMap((one) => (isWanted(one, 'user') ? [[one.address.name, one] as const] : [])));
  const resources = await Promise.all(
    users.map(async ({ name, mustChange }): Promise<Observed[]> => {
      const address = { engine: ENGINE, instance: input.name, name };
      const mark = readMark(name);
      if (mark !== null) {
        const spec: LedgerSeen = { mark, opened: !mustChange };
        return [
          { address: { ...address, kind: 'ledger' }, app: mark.project === input.project ? mark.app || null : null, spec, owned: false },
        ];
      }
      if (name === target.user) return [];
      const asked = wanted.get(name);
      const marked = ours.find((one) => one.user === name && one.retired === undefined);
      const secret = secretName(input.name, name);
      const spec = asked?.spec ?? (marked && marked.applied === undefined ? { secret, adopt: false } : null);
      const password = spec === null ? null : await passwordOf(spec, name, context);
      // Somebody has dropped its mark: the password that only this project's store has says whose it is.
      const proven = password === 'ours' || password === 'staged';
      // Until an apply has come to its end, as after restore-app, a mark says whose a user will be, and somebody else may have made one.
      const known = marked?.applied !== undefined || proven ? marked : undefined;
      const seen: UserSeen = { password, mustChange, stored: candidatesOf(secrets, { secret }).length > 0 };
      const app = known?.app ?? (asked && proven ? asked.app : null);
      return [{ address: { ...address, kind: 'user' }, app, spec: seen, owned: known !== undefined || (asked !== undefined && proven) }];
    }),
  );
  return {
    resources: resources.flat(),
    marks: appMarks(ours, input),
    foreign: foreignOf(users, new Set([...wanted.keys(), ...ours.flatMap(({ user }) => user ?? [])]), context),
    server: { ...server },
    basis: { ...(await basisOf(ours, server.database, context)) },
    diagnostics: unchecked(resources.flat(), input),
    facts: Map.groupBy(await sessionsOf(connection), ({ user }) => user),
  };
}

/** What nobody could look at is said, and nothing is done about it. */
function unchecked(resources: readonly Observed[], { name: instance }: Input): readonly Diagnostic[] {
  return resources.flatMap((one): Diagnostic[] => {
    if (!isSeen(one, 'user') || one.spec.password !== 'unknown') return [];
    const message = `whether the user "${one.address.name}" on "${instance}" has its password could not be found out: the server lets nobody in as it for some seconds, or did not answer`;
    return [
      { code: 'CT2087', severity: 'warning', message, hint: 'try again in ten seconds, and look who tries wrong passwords', instance },
    ];
  });
}

export async function usersOf(connection: Connection): Promise<readonly User[]> {
  const rows = await connection.run({ text: 'SHOW USERS YIELD user, passwordChangeRequired RETURN user, passwordChangeRequired' });
  return rows.map(({ user, passwordChangeRequired }) => ({ name: String(user), mustChange: passwordChangeRequired === true }));
}

/** Found out by logging in, with the one in use first: every wrong one counts against the user for some seconds. */
async function passwordOf(
  { secret, adopt }: UserSpec,
  user: string,
  { secrets, target, deadline }: ObserveContext,
): Promise<PasswordState> {
  const candidates = candidatesOf(secrets, { secret });
  if (candidates.length === 0) return adopt ? 'kept' : 'other';
  for (const { value, isStaged } of candidates) {
    const at = { ...target, user, password: value };
    let refused = await tryLogin(at, deadline);
    if (refused === RATE_LIMITED) {
      await sleep(LOCKED);
      refused = await tryLogin(at, deadline);
    }
    if (refused === null) return isStaged ? 'staged' : 'ours';
    if (refused === '' || refused === RATE_LIMITED) return 'unknown';
  }
  return adopt ? 'kept' : 'other';
}

/** What is in the database is counted where that decides something: an app comes to it, or what a retired one left is to be deleted. */
async function basisOf(ours: readonly Mark[], database: string, { input, connection }: ObserveContext): Promise<Basis> {
  const live = new Set(ours.flatMap(({ app, retired }) => (retired === undefined ? [app] : [])));
  const comes = input.placements.some(({ app }) => !live.has(app));
  const goes = input.removal === 'delete' && ours.some(({ retired }) => retired !== undefined);
  return { graph: (comes || goes) && database !== '' ? await contentOf(connection, database) : null };
}

function appMarks(ours: readonly Mark[], input: Input): readonly AppMark[] {
  const asked = hashesOf(compile(input).resources, input).get('') !== undefined;
  const shared = ours.find(({ app }) => app === '')?.applied ?? null;
  return [
    ...ours.flatMap(({ app, applied, retired }) => (app === '' ? [] : [{ app, applied: applied ?? null, retired: retired ?? null }])),
    ...(shared === null && !asked ? [] : [{ app: '', applied: shared, retired: null }]),
  ];
}

function foreignOf(users: readonly User[], named: ReadonlySet<string>, { input, target }: ObserveContext): readonly Foreign[] {
  return users.flatMap(({ name }) => {
    const mark = readMark(name);
    if (name === target.user || named.has(name) || (isLedger(name) && mark?.project === input.project)) return [];
    const note = mark ? `mark of project "${mark.project}"` : 'an administrator, as every user is';
    return [{ address: { engine: ENGINE, instance: input.name, kind: 'user', name }, note }];
  });
}
