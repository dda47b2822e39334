import type { Planned, StepDraft } from '../../engine/index.ts';
import type { Observed } from '../../model/index.ts';
import { type Context, factsOf, step } from './draft-steps.ts';
import { grantMoves } from './grants.ts';
import { forget, noteRetired } from './kinds/ledger.ts';
import { accountName, ident } from './quote.ts';
import { endUsers } from './sessions.ts';
import { type AccountSpec, isKind, type RetiredSpec } from './spec.ts';

/**
 * Apps that the manifest no longer names become tombstones: their accounts are locked and lose every right, their sessions
 * end. Names stay: a database has no RENAME here, and an account that is renamed leaves views and routines behind that
 * run as whoever has the old name next.
 */
export function retireSteps(context: Context): readonly StepDraft[] {
  const { input, observation } = context;
  const named = namedIn(context);
  const gone = observation.marks.filter((mark) => mark.app !== '' && mark.retired === null && !named.has(mark.app)).map((mark) => mark.app);
  return [...new Set(gone)].sort().flatMap((app) => {
    const accounts = observation.resources.filter(
      (one): one is Observed<AccountSpec> => isKind(one, 'account') && one.app === app && one.owned,
    );
    const address = (kind: string) => ({ engine: 'mysql', instance: input.name, kind, name: app });
    const base = { app, facts: { app, restore: `cotenant restore-app ${app}` }, risk: 'access-reducing' as const };
    const users = [...new Set(accounts.map((one) => one.spec.user))];
    const open = accounts.filter((one) => !one.spec.locked).map((one) => accountName(one.spec));
    const { literalNames } = factsOf(context);
    const revokes = accounts.flatMap((one) => grantMoves(one.spec.grants, {}, accountName(one.spec), literalNames).revokes);
    const parts = [
      ['app', 'close app that is no longer in the manifest', open.map((who) => ({ text: `ALTER USER ${who} ACCOUNT LOCK` }))],
      ['grants', 'take its rights', revokes.map((text) => ({ text }))],
      ['sessions', 'end its sessions', users.length > 0 ? [endUsers(users)] : []],
      // Last: what was cut short before is done again.
      ['book', 'note that the app is retired', [noteRetired(input.project, app, context.today)]],
    ] as const;
    const out: StepDraft[] = [];
    for (const [kind, title, statements] of parts) {
      if (statements.length === 0) continue;
      const after = out.map(({ id }) => id);
      const reverse = kind === 'app' ? open.map((who) => ({ text: `ALTER USER ${who} ACCOUNT UNLOCK` })) : null;
      out.push(step({ ...base, address: address(kind), part: 'retire', action: 'update', title, statements, reverse, after }));
    }
    return out;
  });
}

function namedIn({ input }: Context): ReadonlySet<string> {
  return new Set([...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)]);
}

/** The way back: the book forgets that the app was retired, and the next apply gives its accounts what they had. */
export function restoreSteps(app: string, context: Context): Planned {
  const { input, observation } = context;
  if (!observation.marks.some((mark) => mark.app === app && mark.retired !== null)) return { steps: [], diagnostics: [] };
  return {
    steps: [
      step({
        address: { engine: 'mysql', instance: input.name, kind: 'app', name: app },
        app,
        part: 'restore',
        action: 'update',
        title: 'restore app',
        facts: { app },
        statements: [noteRetired(input.project, app, null)],
        risk: 'safe',
      }),
    ],
    diagnostics: [],
  };
}

/** With `removal: delete`: a second, confirmed act that ends the data of apps that were retired before. */
export function dropSteps(context: Context): readonly StepDraft[] {
  const { input, observation } = context;
  if (input.removal !== 'delete') return [];
  const named = namedIn(context);
  const all = observation.resources.filter((one): one is Observed<RetiredSpec> => isKind(one, 'retired') && one.owned);
  const byApp = Map.groupBy(all, (one) => one.app ?? '');
  return [...byApp].flatMap(([app, mine]) => {
    if (named.has(app)) return [];
    const names = (kind: string) => mine.filter((one) => one.address.name.startsWith(`${kind}/`)).map((one) => one.spec.was);
    const base = { app, action: 'delete' as const, risk: 'destructive' as const, confirm: app };
    const facts = { app, retired: mine[0]?.spec.day ?? '' };
    const address = (kind: string, name: string) => ({ engine: 'mysql', instance: input.name, kind, name });
    const databases = names('database').map((name) =>
      step({
        ...base,
        address: address('database', name),
        part: 'drop',
        title: 'drop database and everything in it',
        facts: { ...facts, name },
        statements: [{ text: `DROP DATABASE IF EXISTS ${ident(name)}` }],
      }),
    );
    const accounts = names('account').map((name) => {
      const at = name.lastIndexOf('@');
      return accountName({ user: name.slice(0, at), host: name.slice(at + 1) });
    });
    const rest = step({
      ...base,
      address: address('app', app),
      part: 'drop',
      title: 'drop accounts',
      facts: { ...facts, name: app },
      statements: [...accounts.map((who) => ({ text: `DROP USER IF EXISTS ${who}` })), forget(input.project, app)],
      after: databases.map(({ id }) => id),
    });
    return [...databases, rest];
  });
}
