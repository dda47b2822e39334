import type { Json } from '../bystanders/frame.ts';
import { deleted, type Edits, out, put, silent, story } from './frame.ts';

const app = (placement: { readonly [key: string]: Json } = {}): Json => ({ uses: { main: placement } });

/** `walled`: databases are walls there; elsewhere the apps that would have one have a prefix. */
export const redisEdits = (walled: boolean): Edits => {
  const database = (number?: number): Json =>
    app(walled ? { isolation: 'database', ...(number === undefined ? {} : { database: number }) } : {});
  return {
    before: ['backup', 'metrics', 'stranger', 'guest'].map((name) => ['0', `ACL SETUSER ${name} on >of-old +ping`]),
    seed: [
      ['0', 'SET alpha:one 1'],
      ['0', 'SET beta:one 1'],
      ['0', 'ACL SETUSER guest ~beta:* +get'],
    ],
    document: {
      apps: { alpha: app(), beta: app(), gamma: app(), numbered: database(3) },
      readers: { lens: { reads: ['alpha', 'gamma'] } },
      operators: { backup: { may: ['connect'] } },
      known: [{ user: 'guest', why: 'of old' }],
    },
    restored: ['beta', 'numbered'],
    stories: [
      story('an app comes last', put('apps.zeta', app())),
      story('an app comes first', put('apps.aaa', app(), 'first')),
      story('a database comes', put('apps.second', database(5))),
      story('a database without a number comes', put('apps.counted', database())),
      story('the first app goes', out('apps.alpha'), put('readers.lens.reads', ['gamma'])),
      story('the last app goes', out('apps.numbered')),
      story('all but one go', out('apps.alpha'), out('apps.gamma'), out('apps.numbered'), out('readers')),
      story('the first app goes to the end', out('apps.alpha'), put('apps.alpha', app())),
      story('an app is renamed', out('apps.beta'), put('apps.omega', app())),
      story('a reader comes', put('readers.eye', { reads: ['beta'] })),
      story('a reader reads more', put('readers.lens.reads', ['alpha', 'beta', 'gamma'])),
      story('a reader reads less', put('readers.lens.reads', ['gamma'])),
      story('the readers go', out('readers')),
      story('channels', put('apps.beta.uses.main.channels', ['news.*'])),
      story('keyspace events', put('apps.alpha.uses.main.keyspaceEvents', true)),
      story('a relaxation', put('apps.alpha.uses.main.relax', { scripting: true, scan: true })),
      story('more logins', put('apps.alpha.uses.main.logins', { app: 'rw', look: 'read' })),
      story('the login of an app only reads', put('apps.beta.uses.main.logins', { app: 'read' })),
      story('another name of a user', put('apps.beta.uses.main.user', 'beta_web')),
      story('an operator comes', put('operators.metrics', { may: ['monitor'] })),
      story('an operator may more', put('operators.backup.may', ['read-all', 'monitor'])),
      story('the operators go', out('operators')),
      story(
        'a stranger more is known',
        put('known', [
          { user: 'guest', why: 'of old' },
          { user: 'stranger', why: 'of old' },
        ]),
      ),
      silent('another reason for a stranger', put('known', [{ user: 'guest', why: 'of new' }])),
      silent('another address for the apps', put('instances.main.publicUrl', 'redis://db.example.com:6379')),
      story('the default user is kept', put('instances.main.defaultUser', 'keep')),
      story('eviction is allowed', put('instances.main.eviction', 'allow')),
      story('nobody is known', out('known')),
      deleted('an app is deleted', out('apps.beta')),
      deleted('the first app is deleted', out('apps.alpha'), put('readers.lens.reads', ['gamma'])),
      deleted('a database is deleted', out('apps.numbered')),
    ],
  };
};
