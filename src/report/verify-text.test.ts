import { stripVTControlCharacters } from 'node:util';
import { fc } from '../../test/support/properties.ts';
import { describe, expect, it } from 'vitest';
import { cell, finding, manyApps, sample } from '../../test/support/verify-sample.ts';
import { widthOf } from '../util/width.ts';
import { prose } from './columns.ts';
import { createStyle } from './style.ts';
import { verifyChangesText } from './verify-changes.ts';
import { verifyText } from './verify-text.ts';

const here = { unreached: [] };

describe('a proof in text', () => {
  it('has the matrix, each finding, what is open on purpose, what stays, and closes with the count', () => {
    expect(verifyText(sample(), here)).toBe(`main (row: attacker, column: target)
       shop  blog  stats  (server)
shop   -     B     ·
blog   ✔     -     ·      S
stats  o     ✔     -
✔ attempted and refused   · closed, by analysis only   o open, as declared   B BREACH: data or commands reached   S STARVE: can take what others need
6 pairs: 4 closed (2 attempted, 2 by analysis only), 1 open as declared, 1 with findings.

1. BREACH X-1  shop → blog  on main (by analysis and attack)
   tried     SELECT 1 FROM blog.posts
   answer    1 row
   why       What others wrote is read.
   closes it REVOKE SELECT
             ON blog.posts FROM shop
             -- in database blog

2. STARVE X-7  blog → the server  on main (by analysis)
   read      no limit on sessions
   why       What others wrote is read.

Relaxations (walls that are open):
  locks: allow  on main (shop)
      locks are shared

1 residual risk, inherent in a shared server. Read about it: cotenant verify -v

7 attempts, 3 refused; and 3 controls that had to succeed. 120 facts from the catalogs judged.
To repeat this run: cotenant verify --seed 42

To send the statements that close these findings: cotenant verify --fix

2 findings: 1 BREACH, 1 STARVE.
`);
  });

  it('says the same with colour as without', () => {
    const colored = stripVTControlCharacters(verifyText(sample(), here, createStyle(true)));
    expect(colored.replace(/ +$/gm, '')).toBe(verifyText(sample(), here));
  });

  it('claims no more than was done', () => {
    const clean = manyApps(3);
    expect(verifyText(clean, here)).toMatch(/\n\nClean: no way from one app to another was found\.\n$/);
    const one = { ...clean, scope: { apps: ['app001'], exhaustive: true, destructive: true } };
    expect(verifyText(one, here)).toContain('To repeat this run: cotenant verify --seed 42 --app app001 --exhaustive --destructive\n');
    expect(verifyText(one, here)).toContain('Clean for app "app001": ');
    expect(verifyText({ ...clean, apps: [], cells: [] }, here)).toMatch(/\nNo apps to verify\.\n$/);
    const away = finding({ probe: 'CT3001', verdict: 'UNPROVEN', half: 'attack', instance: 'side', from: null, to: null, fix: [] });
    const text = verifyText({ ...clean, findings: [away] }, { unreached: ['side'] });
    expect(text).toContain('1. UNPROVEN CT3001  the whole instance  on side (by attack)');
    expect(text).toMatch(/\n1 finding: 1 UNPROVEN\. Not reached: side\.\n$/);
  });

  it('says nothing about fixing where that is under way, or where there is nothing to send', () => {
    expect(verifyText(sample(), { ...here, fixing: true })).not.toContain('--fix');
    expect(verifyText(sample({ findings: [finding({ fix: [] })] }), here)).not.toContain('--fix');
  });

  it('puts statements of one place together, and shows no more than a few', () => {
    const at = (lane: string, text: string) => ({ lane, statement: { text } });
    const few = sample({ findings: [finding({ fix: [at('shared', 'A'), at('db:blog', 'B'), at('shared', 'C')] })] });
    expect(verifyText(few, here)).toContain('\n   closes it A\n             C\n             B\n             -- in database blog\n');
    const many = sample({ findings: [finding({ fix: Array.from({ length: 20 }, (_, n) => at('shared', `S${n}`)) })] });
    expect(verifyText(many, here)).toContain('S7\n             and 12 statements more, shown by --json\n');
  });

  it('puts the worst first, on whichever instance it is', () => {
    const cells = [cell('a', 'b'), cell('b', 'a', { instance: 'side', verdict: 'BREACH' })];
    const leak = finding({ verdict: 'LEAK', from: 'a', to: 'b' });
    const text = verifyText(sample({ cells, findings: [leak, finding({ instance: 'side', from: 'b', to: 'a' })] }), here);
    expect(text).toMatch(/^side \(row: [^]*\nmain \(row: [^]*\n1\. BREACH X-1 {2}b → a {2}on side[^]*\n2\. LEAK X-1 {2}a → b {2}on main/);
  });

  it('shows a cause with everything that ends with it', () => {
    const cause = finding({ probe: 'X-E7', verdict: 'LEAK', statement: 'memberships', answer: 'shop_ro → blog_user' });
    const under = (probe: string, verdict: 'BREACH' | 'LEAK') => finding({ probe, verdict, under: 'shop_ro → blog_user', fix: [] });
    const all = [under('X-2', 'BREACH'), under('X-3', 'BREACH'), cause, under('X-4', 'LEAK')];
    const text = verifyText(sample({ findings: all }), here);
    expect(text).toContain(`1. LEAK X-E7  shop → blog  on main (by analysis and attack)
   tried     memberships
   answer    shop_ro → blog_user
   why       What others wrote is read.
   closes it REVOKE SELECT
             ON blog.posts FROM shop
             -- in database blog
   3 more findings follow from it:
     BREACH  shop → blog  X-2, X-3
     LEAK  shop → blog  X-4
`);
    expect(text).toMatch(/\n4 findings: 2 BREACH, 2 LEAK\. 3 of them follow from others\.\n$/);
    expect(text).not.toContain('2. ');
    const alone = verifyText(sample({ findings: all.filter((one) => one !== cause) }), here);
    expect(alone).toContain('\n1. shop_ro → blog_user  ending this closes:\n');
    expect(alone).toContain('     BREACH  shop → blog  X-2, X-3\n');
  });

  it('gives counts that add up, and each residual risk on request', () => {
    const tries = { refused: 3, declared: 1, residual: 1, unproven: 1, found: 1 };
    expect(verifyText(sample(), { ...here, tries }).replaceAll(/\s+/g, ' ')).toContain(
      '7 attempts: 3 refused, 1 open as declared, 1 open as known risks, 1 not proved, 1 came through; and 3 controls that had to succeed.',
    );
    expect(verifyText(sample(), { ...here, verbose: true })).toContain(
      '\nResidual risks (inherent in a shared server):\n  X-R1  on main, side\n      names are seen by all\n',
    );
  });

  it('tells in full what was seen on this server, and no more than how many every server has', () => {
    const residual = [...sample().residual, { probe: 'X-9', instance: 'main', what: 'a password is not known', seen: true as const }];
    const text = verifyText(sample({ residual }), here);
    expect(text).toContain(
      '\nResidual risks seen on this server:\n  X-9  on main\n      a password is not known\n\n1 residual risk, inherent',
    );
  });

  it('lets no server write on the screen', () => {
    const evil = 'x\u001b[2J\u202ey';
    const fix = [{ lane: evil, statement: { text: evil } }];
    const bad = sample({
      cells: [cell(evil, 'b'), cell('b', evil)],
      findings: [finding({ probe: evil, from: evil, to: evil, statement: `${evil}\r\nz`, answer: evil, why: evil, instance: evil, fix })],
      residual: [{ probe: evil, instance: evil, what: evil }],
      relaxations: [{ app: evil, instance: evil, name: evil, opens: evil }],
    });
    const text = verifyText({ ...bad, scope: { ...bad.scope, apps: [evil] } }, { unreached: [evil] });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(text).toContain('x\\u001b[2J\\u202ey');
  });
});

describe('the matrix', () => {
  const breach = (from: string, to: string) => ({ cell: cell(from, to, { verdict: 'BREACH' }), finding: finding({ from, to }) });

  it('of many apps shows those with findings', () => {
    const clean = manyApps(30);
    expect(verifyText(clean, here)).toContain('main\n870 pairs: 870 closed (0 attempted, 870 by analysis only).\n\n');
    const { cell: bad, finding: found } = breach('app007', 'app021');
    const cells = clean.cells.map((one) => (one.from === bad.from && one.to === bad.to ? bad : one));
    const text = verifyText({ ...clean, cells, findings: [found, finding({ from: 'app009', to: null, verdict: 'LEAK' })] }, here);
    expect(text).toContain(`main (row: attacker, column: target)
        app021  (server)
app007  B
app009  ·       L
· closed, by analysis only   B BREACH: data or commands reached   L LEAK: information reached
Apps without findings are omitted (30 apps in total).
870 pairs: 869 closed`);
  });

  it('never grows beyond a screen', () => {
    const clean = manyApps(40);
    const cells = clean.cells.map((one) => ({ ...one, verdict: 'UNPROVEN' as const }));
    const text = verifyText({ ...clean, cells, findings: [finding({ verdict: 'UNPROVEN' })] }, here);
    expect(text.split('\n').filter((line) => line.startsWith('app'))).toHaveLength(12);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('28 more rows and 28 more columns with findings are omitted too, none of them worse.');
  });

  it.each([40, 80, 120])('shows breaches before everything else, however many apps there are, at %d columns', (width) => {
    const clean = manyApps(45);
    const bad: ReadonlySet<string> = new Set(['app001 app002', 'app043 app044']);
    const cells = clean.cells.map((one) =>
      bad.has(`${one.from} ${one.to}`)
        ? { ...one, verdict: 'BREACH' as const }
        : one.from === 'app001'
          ? { ...one, verdict: 'UNPROVEN' as const }
          : one,
    );
    const findings = [
      finding({ from: 'app001', to: null, verdict: 'UNPROVEN' }),
      finding({ from: 'app001', to: 'app002' }),
      finding({ from: 'app043', to: 'app044' }),
    ];
    const text = verifyText({ ...clean, cells, findings }, here, createStyle(false, width));
    expect(text).toContain('columns: 1 app002, 2 app044, ');
    expect(text).toMatch(/^app001 +B /m);
    expect(text).toMatch(/^app043 +· +B /m);
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  it('of few apps at a narrow screen leaves out what is best, and says so', () => {
    const clean = manyApps(12);
    const cells = clean.cells.map((one) => (one.from === 'app003' && one.to === 'app011' ? { ...one, verdict: 'LEAK' as const } : one));
    const text = verifyText(
      { ...clean, cells, findings: [finding({ from: 'app003', to: 'app011', verdict: 'LEAK' })] },
      here,
      createStyle(false, 40),
    );
    expect(text).toContain('columns: 1 app011, 2 app000, ');
    expect(text.replaceAll(/\s+/g, ' ')).toMatch(/ \d more columns are omitted, none of them worse\. /);
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(40);
  });

  it('numbers columns whose names are too long', () => {
    const names = Array.from({ length: 8 }, (_, index) => `a_rather_long_name_${index}`);
    const cells = names.flatMap((from) => names.filter((to) => to !== from).map((to) => cell(from, to, { attempts: 1 })));
    const text = verifyText(sample({ apps: names, cells, findings: [] }), here);
    expect(text).toMatch(/\n {22}1 {2}2 {2}3 {2}4 {2}5 {2}6 {2}7 {2}8\na_rather_long_name_0 {2}- {2}✔/);
    expect(text).toContain('columns: 1 a_rather_long_name_0, 2 a_rather_long_name_1, ');
  });

  it('has a place for what no app does, and for what is no app', () => {
    const text = verifyText(sample({ findings: [finding({ from: null, to: 'template', verdict: 'LEAK' })] }), here);
    expect(text).toContain('\n(others)                     L\n');
  });

  it('is one for each instance', () => {
    const cells = [
      cell('a', 'b'),
      cell('b', 'a'),
      cell('a', 'b', { instance: 'side' }),
      cell('b', 'a', { instance: 'side', verdict: 'LEAK' }),
    ];
    const text = verifyText(sample({ cells, findings: [] }), here);
    expect(text).toMatch(/^main \(row: [^]*\n2 pairs: 2 closed[^]*\n\nside \(row: [^]*\nb {2}L {2}-\n[^]*2 pairs: 1 closed/);
  });
});

describe('what changes between rounds', () => {
  const time = '2026-01-02T03:04:05.000Z';
  const before = sample({ findings: [finding()] });

  it('is nothing where nothing did, whichever pairs were chosen', () => {
    expect(verifyChangesText(before, { ...before, ...here, seed: 7 }, time)).toBe('');
    const [one, two] = ['connect', 'look'].map((statement) => sample({ findings: [finding({ half: 'attack', statement })] }));
    expect(verifyChangesText(one ?? before, { ...(two ?? before), ...here }, time)).toBe('');
  });

  it('is what is new and what is gone', () => {
    const after = { ...sample({ findings: [finding({ to: 'stats' })] }), ...here };
    expect(verifyChangesText(before, after, time)).toBe(`${time}: 1 new, 1 gone

1. BREACH X-1  shop → stats  on main (by analysis and attack)
   tried     SELECT 1 FROM blog.posts
   answer    1 row
   why       What others wrote is read.
   closes it REVOKE SELECT
             ON blog.posts FROM shop
             -- in database blog

gone: BREACH X-1  shop → blog  on main (by analysis and attack)

1 finding: 1 BREACH.
`);
  });

  it('tells two facts on the same pair apart', () => {
    const after = { ...sample({ findings: [finding(), finding({ statement: 'another table' })] }), ...here };
    expect(verifyChangesText(before, after, time)).toContain('1 new, 0 gone');
  });
});

describe('lines of many words', () => {
  it('are broken between words, and nothing is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 30 }).map((word) => word.replaceAll(/\s/g, '_'))), (words) => {
        const wrapped = prose(words.join(' '), 0, { width: 40 });
        expect(wrapped.replaceAll('\n', ' ')).toBe(words.join(' '));
        for (const line of wrapped.split('\n')) expect(widthOf(line) <= 40 || !line.includes(' ')).toBe(true);
      }),
    );
    expect(prose('a'.repeat(50), 0, { width: 40 })).toBe('a'.repeat(50));
    expect(prose('会员 会员', 2, { width: 7 })).toBe('  会员\n  会员');
  });
});
