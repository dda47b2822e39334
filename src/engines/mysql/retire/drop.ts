import type { Observed } from '../../../model/index.ts';
import { deletableIn, dependentsOf } from '../observe/dependents.ts';
import { type Context, step } from '../steps/draft-steps.ts';
import type { Effect } from '../losses/effective.ts';
import { forget } from '../kinds/ledger.ts';
import type { Taking } from '../losses/losses.ts';
import { accountName, ident } from '../quote.ts';
import type { RetiredSpec } from '../spec.ts';

/** With `removal: delete`: a second, confirmed act that ends the data of apps that were retired before, where nobody else needs it. */
export function dropSteps(context: Context): readonly Taking[] {
  return [...deletableIn(context)].flatMap(([app, mine]) => (dependentsOf(mine, context).length > 0 ? [] : dropApp(app, mine, context)));
}

function dropApp(app: string, mine: readonly Observed<RetiredSpec>[], { input }: Context): readonly Taking[] {
  const of = (kind: string) => mine.filter((one) => one.address.name.startsWith(`${kind}/`)).map((one) => one.spec);
  const base = { app, action: 'delete' as const, risk: 'destructive' as const, confirm: app };
  const facts = { app, retired: mine[0]?.spec.day ?? '' };
  const address = (kind: string, name: string) => ({ engine: 'mysql', instance: input.name, kind, name });
  const databases = of('database').map(({ was: name, content }): Taking => {
    const size = content ? { tables: content.names.length, rows: content.rows, bytes: content.bytes } : {};
    const draft = step({
      ...base,
      address: address('database', name),
      part: 'drop',
      title: 'drop database and everything in it',
      facts: { ...facts, name, ...size },
      commands: [{ text: `DROP DATABASE IF EXISTS ${ident(name)}` }],
    });
    return { draft, effects: [{ is: 'dropped', database: name }] };
  });
  // One that somebody may have made anew is nobody's of the app: the ledger forgets it, and it stays.
  const accounts = of('account').flatMap(({ was, remade }) => (remade ? [] : [was]));
  const names = accounts.map((key) => {
    const at = key.lastIndexOf('@');
    return accountName({ user: key.slice(0, at), host: key.slice(at + 1) });
  });
  const draft = step({
    ...base,
    address: address('app', app),
    part: 'drop',
    title: 'drop accounts',
    facts: { ...facts, name: app },
    commands: [...names.map((who) => ({ text: `DROP USER IF EXISTS ${who}` })), forget(input.project, app)],
    needs: databases.map(({ draft: { id } }) => id),
  });
  return [...databases, { draft, effects: accounts.map((key): Effect => ({ is: 'gone', key })) }];
}
