import type { Json } from '../bystanders/frame.ts';
import { deleted, type Edits, out, put, silent, story } from './frame.ts';

const app = (placement: { readonly [key: string]: Json } = {}): Json => ({ uses: { main: { connections: 2, ...placement } } });
const share = { from: 'alpha', to: 'beta', tables: ['orders'], via: 'grant' };
const onlyGamma = [put('shares', []), put('readers.lens.reads', ['gamma'])];

export const mysqlEdits: Edits = {
  before: ['backup', 'metrics', 'stranger', 'guest'].map((name) => ['mysql', `CREATE USER '${name}'@'%' IDENTIFIED BY 'of old'`]),
  seed: [
    ['alpha', 'CREATE TABLE orders (id int, note text)'],
    ['alpha', 'CREATE TABLE items (id int)'],
    ['beta', 'CREATE TABLE orders (id int, note text)'],
    ['beta', `GRANT SELECT ON beta.* TO 'guest'@'%'`],
    ['gamma', 'CREATE TABLE orders (id int)'],
  ],
  document: {
    instances: { main: { connections: { reserve: 5 } } },
    apps: { alpha: app(), beta: app(), gamma: app(), delta: app() },
    readers: { lens: { reads: ['alpha', 'gamma'], connections: 1 } },
    shares: [share],
    operators: { backup: { may: ['connect'] } },
    known: [{ user: 'guest', why: 'of old' }],
  },
  restored: ['delta'],
  stories: [
    story('an app comes last', put('apps.zeta', app())),
    story('an app comes first', put('apps.aaa', app(), 'first')),
    story('the first app goes', out('apps.alpha'), ...onlyGamma),
    story('the last app goes', out('apps.delta')),
    story('all but one go', out('apps.alpha'), out('apps.beta'), out('apps.delta'), ...onlyGamma),
    story('the first app goes to the end', out('apps.alpha'), put('apps.alpha', app())),
    story('an app is renamed', out('apps.beta'), put('shares', []), put('apps.omega', app())),
    story('a reader comes', put('readers.eye', { reads: ['beta'], connections: 1 })),
    story('a reader reads more', put('readers.lens.reads', ['alpha', 'beta', 'gamma'])),
    story('a reader reads less', put('readers.lens.reads', ['gamma'])),
    story('a reader has more connections', put('readers.lens.connections', 2)),
    story('the readers go', out('readers')),
    story('a share comes', put('shares', [share, { from: 'beta', to: 'gamma', tables: ['orders'], via: 'grant' }])),
    story('a share of more tables', put('shares', [{ ...share, tables: ['orders', 'items'] }])),
    story('a share of a column', put('shares', [{ ...share, columns: ['id'] }])),
    story('a share in the other direction', put('shares', [{ from: 'beta', to: 'alpha', tables: ['orders'], via: 'grant' }])),
    story('the shares go', out('shares')),
    story('limits', put('apps.alpha.uses.main.connections', 3)),
    story('hosts of an app', put('apps.beta.uses.main.hosts', ['127.0.0.1', 'localhost'])),
    story('hosts of all', put('instances.main.hosts', ['%', 'localhost'])),
    story('a character set', put('apps.beta.uses.main.charset', 'latin1')),
    story('events', put('apps.alpha.uses.main.relax', { events: true })),
    story('more logins', put('apps.alpha.uses.main.logins', { app: 'owner', web: 'rw', look: 'read' })),
    story('the login of an app only writes', put('apps.beta.uses.main.logins', { app: 'rw' })),
    story('another name of a login', put('apps.beta.uses.main.names', { login: 'beta_web', standbyLogin: 'beta_web2' })),
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
    silent('another address for the apps', put('instances.main.publicUrl', 'mysql://db.example.com:3306')),
    silent('a larger reserve', put('instances.main.connections', { reserve: 6 })),
    story('the perimeter stays open', put('instances.main.perimeter', 'warn')),
    story('nobody is known', out('known')),
    story('an app goes, and with it who was known in it', out('apps.beta'), put('shares', []), out('known')),
    deleted('an app is deleted', out('apps.beta'), put('shares', [])),
    deleted('the first app is deleted', out('apps.alpha'), ...onlyGamma),
  ],
};
