import type { Planned } from '../../../engine/index.ts';
import type { Observed } from '../../../model/index.ts';
import { accountKey } from '../observe/catalog.ts';
import { censusIn } from '../observe/census.ts';
import { type Context, factsOf, step } from '../steps/draft-steps.ts';
import type { Effect } from '../losses/effective.ts';
import { accountEffects } from '../steps/effects.ts';
import { grantChanges } from '../grants.ts';
import { note, noteRetired } from '../kinds/ledger.ts';
import type { Taking } from '../losses/losses.ts';
import { accountName } from '../quote.ts';
import { endAccounts } from '../connect/session-list.ts';
import { remadeInTheWay } from './remade.ts';
import { mistaken } from '../steps/sessions.ts';
import { type AccountSpec, isKind } from '../spec.ts';

/**
 * Apps that the manifest no longer names become tombstones: their accounts are locked and lose every right, their sessions
 * end. Names stay: a database has no RENAME here, and an account that is renamed leaves views and routines behind that
 * run as whoever has the old name next.
 */
export function retireSteps(context: Context): readonly Taking[] {
  const { input, observation } = context;
  const named = namedIn(context);
  const gone = observation.marks.filter((mark) => mark.app !== '' && mark.retired === null && !named.has(mark.app)).map((mark) => mark.app);
  return [...new Set(gone)].sort().flatMap((app) => {
    const accounts = observation.resources.filter(
      (one): one is Observed<AccountSpec> => isKind(one, 'account') && one.app === app && one.owned,
    );
    const address = (kind: string) => ({ engine: 'mysql', instance: input.name, kind, name: app });
    const base = { app, facts: { app, restore: `cotenant restore-app ${app}` }, risk: 'access-reducing' as const };
    const all = accounts.map((one) => one.spec);
    const open = accounts.filter((one) => !one.spec.locked).map((one) => accountName(one.spec));
    const facts = factsOf(context);
    const revokes = accounts.flatMap((one) => grantChanges(one.spec.grants, {}, accountName(one.spec), facts).revokes);
    const unnoted = observation.resources.flatMap((one) => {
      const kind = isKind(one, 'account') ? 'account' : isKind(one, 'database') ? 'database' : null;
      if (one.app !== app || !one.owned || kind === null || (isKind(one, 'account') || isKind(one, 'database') ? one.spec.noted : true))
        return [];
      return [note(kind, one.address.name, input.project, app)];
    });
    const parts = [
      // What lost its row has one again, and goes with the rest from here on.
      ['ledger', 'record what has no entry in the ledger', unnoted],
      ['app', 'close app that left the manifest', open.map((who) => ({ text: `ALTER USER ${who} ACCOUNT LOCK` }))],
      ['grants', 'revoke its privileges', revokes.map((text) => ({ text }))],
      ['sessions', 'end its sessions', all.length > 0 ? [endAccounts(all, app, censusIn(observation).accounts)] : []],
      // Last: what was cut short before is done again.
      ['book', 'record that the app is retired', [noteRetired(input.project, app, context.today)]],
    ] as const;
    const out: Taking[] = [];
    for (const [kind, title, statements] of parts) {
      if (statements.length === 0) continue;
      const after = out.map(({ draft }) => draft.id);
      const reverse = kind === 'app' ? open.map((who) => ({ text: `ALTER USER ${who} ACCOUNT UNLOCK` })) : null;
      const draft = step({
        ...base,
        address: address(kind),
        part: 'retire',
        action: 'update',
        title,
        commands: statements,
        reverse,
        needs: after,
        ...(kind === 'sessions' ? { losses: mistaken(all, app, context) } : {}),
      });
      out.push({ draft, effects: effectsOf(kind, accounts) });
    }
    return out;
  });
}

function effectsOf(kind: string, accounts: readonly Observed<AccountSpec>[]): readonly Effect[] {
  if (kind !== 'app' && kind !== 'grants') return [];
  return accounts.flatMap(({ spec }) =>
    kind === 'app' ? [{ is: 'account', key: accountKey(spec), grants: spec.grants, locked: true }] : accountEffects(spec, {}, true),
  );
}

export function namedIn({ input }: Context): ReadonlySet<string> {
  return new Set([...input.placements.map((one) => one.app), ...input.readers.map((one) => one.name)]);
}

/** The way back: the ledger forgets that the app was retired, and the next apply gives its accounts what they had. */
export function restoreSteps(app: string, context: Context): Planned {
  const { input, observation } = context;
  if (!observation.marks.some((mark) => mark.app === app && mark.retired !== null)) return { steps: [], diagnostics: [] };
  const taken = observation.resources.filter((one) => isKind(one, 'retired') && one.app === app && one.spec.remade);
  if (taken.length > 0) {
    const diagnostics = taken.map(({ address }) => remadeInTheWay(address.name.slice('account/'.length), app, input.name));
    return { steps: [], diagnostics };
  }
  return {
    steps: [
      step({
        address: { engine: 'mysql', instance: input.name, kind: 'app', name: app },
        app,
        part: 'restore',
        action: 'update',
        title: 'restore app',
        facts: { app },
        commands: [noteRetired(input.project, app, null)],
        risk: 'safe',
      }),
    ],
    diagnostics: [],
  };
}
