import type { Observed } from '../../model/index.ts';
import { type Context, step } from './draft-steps.ts';
import type { Effect } from './effective.ts';
import { forget } from './kinds/ledger.ts';
import type { Taking } from './losses.ts';
import { accountName, ident } from './quote.ts';
import { namedIn } from './retire.ts';
import { isKind, type RetiredSpec } from './spec.ts';

/** With `removal: delete`: a second, confirmed act that ends the data of apps that were retired before. */
export function dropSteps(context: Context): readonly Taking[] {
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
    const databases = names('database').map((name): Taking => {
      const draft = step({
        ...base,
        address: address('database', name),
        part: 'drop',
        title: 'drop database and everything in it',
        facts: { ...facts, name },
        statements: [{ text: `DROP DATABASE IF EXISTS ${ident(name)}` }],
      });
      return { draft, effects: [{ is: 'dropped', database: name }] };
    });
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
      after: databases.map(({ draft }) => draft.id),
    });
    const gone = names('account').map((key): Effect => ({ is: 'gone', key }));
    return [...databases, { draft: rest, effects: gone }];
  });
}
