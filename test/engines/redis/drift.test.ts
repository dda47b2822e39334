import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { manifestOf, type Workplace, workplace } from './lifecycle/harness.ts';
import type { Version } from '../../../src/engines/redis/local/find.ts';

interface Drift {
  readonly name: string;
  /** Rules of the user `shop`, or a whole command. */
  readonly rules: string;
  /** Against `kind name: field`; the field of what is made again is `missing`. */
  readonly field: string;
  readonly risk: 'safe' | 'access-reducing';
  readonly versions?: readonly Version[];
}

/** One change by hand for each attribute that cotenant manages. */
const table: readonly Drift[] = [
  { name: 'deleted', rules: 'ACL DELUSER shop', field: 'user shop: missing', risk: 'safe' },
  { name: 'switched off', rules: 'off', field: 'user shop: enabled', risk: 'safe' },
  { name: 'needs no password', rules: 'nopass', field: 'user shop: no password needed', risk: 'access-reducing' },
  { name: 'another password', rules: 'resetpass >other', field: 'user shop: password', risk: 'access-reducing' },
  { name: 'one password more', rules: '>other', field: 'user shop: password', risk: 'access-reducing' },
  { name: 'no password left', rules: 'resetpass', field: 'user shop: password', risk: 'safe' },
  { name: 'a key pattern more', rules: '~other:*', field: 'user shop: keys', risk: 'access-reducing' },
  { name: 'a key pattern less', rules: 'resetkeys', field: 'user shop: keys', risk: 'safe' },
  { name: 'a pattern to read', rules: '%R~other:*', field: 'user shop: keys', risk: 'access-reducing' },
  { name: 'a channel pattern more', rules: '&other:*', field: 'user shop: channels', risk: 'access-reducing' },
  { name: 'no channels', rules: 'resetchannels', field: 'user shop: channels', risk: 'safe' },
  { name: 'a command more', rules: '+scan', field: 'user shop: commands', risk: 'access-reducing' },
  { name: 'a command less', rules: '-get', field: 'user shop: commands', risk: 'safe' },
  { name: 'a category more', rules: '+@dangerous', field: 'user shop: commands', risk: 'access-reducing' },
  { name: 'all commands', rules: '+@all', field: 'user shop: commands', risk: 'access-reducing' },
  { name: 'a subcommand less', rules: '-client|id', field: 'user shop: commands', risk: 'safe' },
  { name: 'a selector', rules: '(+get ~other:*)', field: 'user shop: selectors', risk: 'access-reducing' },
  { name: 'the mark gone', rules: 'clearselectors', field: 'user shop: mark', risk: 'safe' },
  {
    name: 'unchecked values',
    rules: 'skip-sanitize-payload',
    field: 'user shop: unchecked RESTORE',
    risk: 'access-reducing',
    versions: ['redis7', 'redis8', 'valkey81'],
  },
  { name: 'all databases', rules: 'alldbs', field: 'user shop: databases', risk: 'access-reducing', versions: ['valkey91'] },
  { name: 'another database', rules: 'resetdbs db=1', field: 'user shop: databases', risk: 'access-reducing', versions: ['valkey91'] },
  {
    name: 'everybody let in',
    rules: 'ACL SETUSER default on nopass ~* +@all',
    field: 'default-user default: enabled',
    risk: 'access-reducing',
  },
  { name: 'a reader that reads more', rules: 'ACL SETUSER lens %R~other:*', field: 'user lens: keys', risk: 'access-reducing' },
];

const manifest = manifestOf(
  'apps:\n  shop: { uses: { main: {} } }\n  other: { uses: { main: {} } }\nreaders:\n  lens: { reads: [shop] }\n',
);

describeEachRedis('drift', {}, (server, version) => {
  let place: Workplace;
  beforeAll(async () => {
    place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
  });
  afterAll(async () => await place[Symbol.asyncDispose]());

  for (const { name, rules, field, risk } of table.filter(({ versions }) => versions?.includes(version) ?? true)) {
    it(`${name} is seen by its name, corrected, and gone`, async () => {
      const before = await users(place);
      const words = rules.match(/\([^)]*\)|\S+/g) ?? [];
      await place.admin(...(words[0] === 'ACL' ? words : ['ACL', 'SETUSER', 'shop', ...words]));
      expect(await users(place)).not.toEqual(before);
      const { plan } = await place.plan();
      const changes = plan.steps.filter(({ address }) => address.kind === 'user' || address.kind === 'default-user');
      // Whose the user is, the password says that only this project's store has: the mark is a step of its own.
      if (name !== 'the mark gone') {
        const fields = changes.flatMap(({ address, action, fields }) =>
          (action === 'create' ? ['missing'] : fields.map((one) => one.field)).map((one) => `${address.kind} ${address.name}: ${one}`),
        );
        expect(fields).toContain(field);
        expect(changes.map((one) => one.risk)).toEqual([risk]);
        const known = name !== 'deleted';
        if (known) expect(changes.map(({ cause }) => cause)).toEqual(['drift']);
      }
      expect((await place.apply()).ending).toBe('done');
      expect(await users(place)).toEqual(before);
      expect((await place.plan()).plan.steps).toEqual([]);
    });
  }

  it('of somebody else’s users is nobody’s business', async () => {
    await place.admin('ACL', 'SETUSER', 'stranger', 'on', '>x', '~stranger:*', '+get');
    const { plan, foreign } = await place.plan();
    expect(plan.steps).toEqual([]);
    expect(foreign.map(({ address }) => address.name)).toEqual(['stranger']);
  });
});

describe('the table', () => {
  it('has each row once', () => {
    expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
  });
});

/** The access list, with the rules of each user in one order. Of a user that is switched off nothing else counts. */
async function users(place: Workplace): Promise<readonly string[]> {
  const list = await place.admin('ACL', 'LIST');
  return (Array.isArray(list) ? list : [])
    .map((line: unknown) => {
      const words = String(line).split(' ');
      return words.includes('off') ? `${words[1]} off` : words.toSorted().join(' ');
    })
    .toSorted();
}
