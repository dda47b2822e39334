import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Loss, Plan, Step } from '../model/index.ts';
import { lossBlock } from './losses-text.ts';
import { plain } from './style.ts';
import { execFileSync } from '../../test/support/children.ts';

function stepOf(id: string, losses: readonly Loss[]): Step {
  const address = { engine: 'anydb', instance: 'main', kind: 'database', name: id };
  const rest = { facts: {}, fields: [], commands: [], reverse: null, needs: [], lane: 'l', unit: null };
  return { id, address, app: null, action: 'update', cause: 'intended', title: 't', risk: 'access-reducing', losses, ...rest };
}

const planOf = (...steps: readonly Step[]): Plan => ({
  format: 2,
  manifestHash: 'h',
  observed: {},
  steps,
  diagnostics: [],
  unreached: [],
});

test('each login stands once, strangers first, with what keeps what they have', () => {
  const keep = 'operators: { backup: { may: [connect] } }';
  const text = lossBlock(
    planOf(
      stepOf('a', [{ who: 'shop_user', of: 'shop', what: ['read "a_b"."c"'], sessions: null, keep: null }]),
      stepOf('b', [{ who: 'backup', of: null, what: ['connect to database "b"'], sessions: 1, keep }]),
      stepOf('c', [{ who: 'backup', of: null, what: ['connect to database "c"', 'connect to database "b"'], sessions: 2, keep }]),
    ),
    plain,
  );
  expect(text).toBe(
    [
      'Who loses what:',
      '  backup on main (not in the manifest, 2 open sessions)',
      '      connect to database "b"',
      '      connect to database "c"',
      '      to keep it: operators: { backup: { may: [connect] } }',
      '      to agree to the loss: --confirm=backup',
      '  shop_user on main (login of shop)',
      '      read "a_b"."c"',
    ].join('\n'),
  );
});

test('nothing is said where nobody loses anything', () => {
  expect(lossBlock(planOf(stepOf('a', [])), plain)).toBe('');
});

test('of many logins it is told once what keeps all they have, ready to be pasted', () => {
  const strangers = ['ann', 'ben', 'cid', 'dan', 'eve'].map(
    (who): Loss => ({ who, of: null, what: ['connect'], sessions: 0, keep: `known: [{ user: ${who}, on: main, why: … }]` }),
  );
  const backup: Loss = { who: 'back up', of: null, what: ['connect'], sessions: 0, keep: 'operators: { "back up": { may: [read-all] } }' };
  const text = lossBlock(planOf(stepOf('a', [...strangers, backup])), plain);
  expect(text.split('\n').slice(-11)).toEqual([
    '      connect',
    '  to keep all of it, add this to the manifest:',
    '    operators:',
    '      back up: { may: [ read-all ] }',
    '    known:',
    ...['ann', 'ben', 'cid', 'dan', 'eve'].map((who) => `      - { user: ${who}, on: main, why: … }`),
    '  to agree to all of it: --confirm=@FILE, a file with these 6 names, one per line',
  ]);
});

test('a word that is no name of those who lose something is said', () => {
  const apps = ['ann', 'ben', 'cid', 'dan', 'eve', 'fay'].map(
    (who): Loss => ({ who, of: who, what: ['log in with the password it has now'], sessions: 0, keep: null, confirm: 'new-passwords' }),
  );
  const last = (losses: readonly Loss[]): string | undefined =>
    lossBlock(planOf(stepOf('a', losses)), plain)
      .split('\n')
      .at(-1);
  expect(last(apps)).toBe('  to agree to all of it: --confirm=new-passwords');
  const strangers = apps.map((one): Loss => ({ ...one, who: `${one.who}2`, of: null, confirm: `${one.who}2` }));
  expect(last([...apps, ...strangers])).toBe(
    '  to agree to all of it: --confirm=@FILE, a file with these 7 names, one per line, including new-passwords',
  );
});

test('all that somebody is to agree to is listed, however much it is', () => {
  const what = Array.from({ length: 40 }, (_, nth) => `SELECT on table t${nth}`);
  const text = lossBlock(planOf(stepOf('a', [{ who: 'rita', of: null, what, sessions: 0, keep: null }])), plain);
  expect(
    text
      .split('\n')
      .slice(2, -1)
      .map((line) => line.trim()),
  ).toEqual(what);
});

test('what is pasted is the name, with characters that nobody sees and those that a shell takes for its own', () => {
  const names = ['\u202eevil\u200b', "o'brien", 'back up', '$HOME', `'\u200b\\`, '@\u{e0041}'];
  const losing = (all: readonly string[]): string =>
    lossBlock(
      planOf(
        stepOf(
          'a',
          all.map(
            (who): Loss => ({
              who,
              of: null,
              what: ['connect'],
              sessions: 0,
              keep: `known: [{ user: ${JSON.stringify(who)}, on: main, why: … }]`,
            }),
          ),
        ),
      ),
      plain,
    );
  for (const name of names) {
    const option = /--confirm=.*$/m.exec(losing([name]))?.[0] ?? '';
    const said = execFileSync('bash', ['-c', `printf %s ${option}`], { env: { LC_ALL: 'C.UTF-8' } }).toString();
    expect(said).toBe(`--confirm=${name.startsWith('@') ? '@' : ''}${name}`);
  }
  const text = losing(names);
  const block = text.slice(text.indexOf('    known:'), text.indexOf('  to agree to all'));
  expect((parse(block) as { known: { user: string }[] }).known.map(({ user }) => user)).toEqual(names);
});
