import { describe, expect, test } from 'vitest';
import { diagnose, expectCase, head, type ManifestCase } from '../../test/support/manifest-case.ts';

const cases: readonly ManifestCase[] = [
  [
    'unknown engine',
    'cotenant: 1\nproject: p\ninstances: { m: { engine: ^alhpa } }\n',
    'CT1205',
    'There is no engine "alhpa".',
    { expected: 'one of alpha, beta', hint: 'Did you mean "alpha"?' },
  ],
  ['unknown engine of defaults', `${head}defaults: { ^gamma: {} }\n`, 'CT1205', 'There is no engine "gamma".'],
  [
    'unknown instance',
    `${head}apps: { a: { uses: { ^mian: {} } } }\n`,
    'CT1203',
    'There is no instance "mian", named in apps.a.uses.',
    { expected: 'one of main, side', hint: 'Did you mean "main"?' },
  ],
  [
    'unknown app in after',
    `${head}apps: { shop: { uses: {} }, b: { uses: {}, after: [shop, ^shpo] } }\n`,
    'CT1204',
    'There is no app "shpo", named in apps.b.after.',
    { hint: 'Did you mean "shop"?' },
  ],
  [
    'unknown app in a reader',
    `${head}readers: { r: { reads: [^x] } }\n`,
    'CT1204',
    'There is no app "x", named in readers.r.reads.',
    { expected: 'none is declared' },
  ],
  [
    'unknown app in a share',
    `${head}apps: { a: { uses: { main: {} } } }\nshares: [{ from: a, to: ^b, tables: [t], via: grant }]\n`,
    'CT1204',
    'There is no app "b", named in shares[0].to.',
  ],
  [
    'unknown right of an operator',
    `${head}operators: { backup: { may: [connect, ^reed-all] } }\n`,
    'CT1210',
    'Operator "backup": no engine of its instances knows the word "reed-all" in `may`.',
    { expected: 'one of connect, read-all', hint: 'Did you mean "read-all"?' },
  ],
  [
    'a right where no engine knows any',
    `${head}operators: { backup: { may: [^connect], instances: [side] } }\n`,
    'CT1210',
    'Operator "backup": no engine of its instances knows the word "connect" in `may`.',
    { expected: 'nothing: these engines do not support operators' },
  ],
  [
    'unknown instance of an operator',
    `${head}operators: { backup: { may: [connect], instances: [main, ^mian] } }\n`,
    'CT1203',
    'There is no instance "mian", named in operators.backup.instances.',
  ],
  [
    'unknown instance of a known login',
    `${head}known: [{ user: old, on: ^mian, why: "it goes in March" }]\n`,
    'CT1203',
    'There is no instance "mian", named in known[0].on.',
  ],
  ['itself', `${head}apps: { a: { uses: {}, after: [^a] } }\n`, 'CT1207', 'The app "a" is listed in its own `after`.'],
  [
    'share with itself',
    `${head}apps: { a: { uses: { main: {} } } }\nshares: [^{ from: a, to: a, tables: [t], via: grant }]\n`,
    'CT1207',
    'The app "a" shares tables with itself.',
  ],
  [
    'cycle',
    `${head}apps: { a: { uses: {}, after: [c] }, b: { uses: {}, after: [^a] }, c: { uses: {}, after: [b] } }\n`,
    'CT1206',
    'The `after` lists form a cycle: a after c after b after a.',
  ],
  [
    'share without an instance',
    `${head}apps: { a: { uses: { main: {} } }, b: { uses: {} } }\nshares: [^{ from: a, to: b, tables: [t], via: grant }]\n`,
    'CT1208',
    'The apps "a" and "b" have no instance in common, so shares[0] is not possible.',
  ],
  [
    'duplicate of a team',
    `${head}apps: { t_x: { uses: {} } }\nteams:\n  ^t_{n}: { for: { n: [x] }, uses: {} }\n`,
    'CT1202',
    'Two apps are called "t_x": in apps.t_x and in teams.t_{n}.',
  ],
  [
    'duplicate in a list',
    `${head}teams:\n  ^t_{n}: { for: { n: [x, x] }, uses: {} }\n`,
    'CT1202',
    'Two apps are called "t_x": in teams.t_{n} and in teams.t_{n}.',
  ],
  [
    'reader like an app',
    `${head}apps: { a: { uses: {} } }\nreaders: { ^a: { reads: [a] } }\n`,
    'CT1202',
    'There is an app and a reader called "a".',
  ],
  [
    'variable not in the key',
    `${head}teams:\n  ^team: { for: { n: [x, y] }, uses: {} }\n`,
    'CT1209',
    'The key "team" does not contain {n}, so its 2 apps would have the same name.',
    { hint: 'For example: "team_{n}".' },
  ],
  [
    'variable that is no word',
    `${head}teams:\n  t: { for: { ^a-b: [x] }, uses: {} }\n`,
    'CT1209',
    '"a-b" is not a valid variable of `for`.',
  ],
  [
    'too many combinations',
    `${head}teams:\n  ^t_{a}_{b}_{c}: { for: { a: [${list(30)}], b: [${list(30)}], c: [${list(30)}] }, uses: {} }\n`,
    'CT1209',
    '`for` in teams.t_{a}_{b}_{c} expands to 27000 apps.',
  ],
  ['team without for', `${head}teams:\n  ^t: { uses: {} }\n`, 'CT1012', 'teams.t has no key "for".'],
  ['braces without for', `${head}apps:\n  ^t_{n}: { uses: {} }\n`, 'CT1201', 'The name "t_{n}" is not valid for this app: it contains {.'],
  [
    'password in a URL',
    'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha, url: ^"alpha://u:canary-77@h/d" } }\n',
    'CT1301',
    'The URL in instances.m.url contains a password.',
  ],
  [
    'password as a parameter',
    'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha, url: ^"alpha://u@h/d?password=canary-77" } }\n',
    'CT1301',
    'The URL in instances.m.url contains a password.',
  ],
  [
    'password with an escape',
    'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha, url: ^"alpha://u:canary-77\\u0040h/d" } }\n',
    'CT1301',
    'The URL in instances.m.url contains a password.',
  ],
  [
    'password from the environment',
    'cotenant: 1\nproject: p\ninstances:\n  m: { engine: alpha, url: ^"${PASS_URL}" }\n',
    'CT1301',
    'The URL in instances.m.url, filled in from the environment, contains a password.',
  ],
  ['variable not set', `${head}removal: ^\${NOPE}\n`, 'CT1302', 'The environment variable NOPE is not set.'],
  ['inherited name', `${head}removal: ^\${toString}\n`, 'CT1302', 'The environment variable toString is not set.'],
  ['malformed variable', `${head}removal: ^\${NO PE}\n`, 'CT1303', '"${NO PE}" is not a valid variable reference.'],
  ['unclosed variable', `${head}removal: ^\${NOPE\n`, 'CT1303', '"${" is not a valid variable reference.'],
  ['word from the environment is not shown', `${head}removal: ^\${WORD}\n`, 'CT1013', 'removal is a text from the environment.'],
];

function list(count: number): string {
  return Array.from({ length: count }, (_, i) => `v${i}`).join(', ');
}

test.for(cases)('%s', async (one) => {
  await expectCase(one);
});

test('all at once, in the order of the file', async () => {
  const text =
    'cotenant: 1\nproject: 9p\ninstances: { m: { engine: alpha, x: 1 } }\napps: { a: { uses: { n: {} }, after: [b] }, "c d": {} }\nremoval: ${R}\n';
  const codes = (await diagnose(text)).map((one) => one.code);
  expect(codes).toEqual(['CT1201', 'CT1010', 'CT1203', 'CT1204', 'CT1012', 'CT1201', 'CT1302']);
});

describe('names', () => {
  test.each([
    ['', 'is empty'],
    ['1a', 'does not start with a letter'],
    ['-a', 'does not start with a letter'],
    ['a b', 'contains the character U+0020'],
    ['a"b', 'contains "'],
    ["a'; DROP DATABASE x; --", "contains '"],
    ['a\u0000b', 'contains the character U+0000'],
    ['a\u202eb', 'contains the character U+202E'],
    ['\u0430dmin', 'does not start with a letter'],
    ['a\u{1f600}', 'contains the character U+1F600'],
    ['a/../b', 'contains /'],
    ['a$(id)', 'contains $'],
    ['constructor', 'is a reserved word'],
    ['hasOwnProperty', 'is a reserved word'],
    ['a'.repeat(41), 'has 41 characters'],
  ])('refuses %j: it %s', async (name, reason) => {
    const diagnostics = await diagnose(`${head}apps: { ${JSON.stringify(name)}: { uses: { main: {} } } }\n`);
    expect(diagnostics).toMatchObject([{ code: 'CT1201', message: expect.stringMatching(/this app: it /) }]);
    expect(diagnostics[0]?.message).toContain(reason);
  });

  test.each(['a', 'A-b_9', 'digi_core', 'a'.repeat(40)])('takes %j', async (name) => {
    expect(await diagnose(`${head}apps: { ${name}: { uses: { main: {} } } }\n`)).toEqual([]);
  });
});
