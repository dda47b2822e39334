import { describe, expect, it } from 'vitest';
import type { Diagnostic, Plan, Step, StepResult } from '../model/index.ts';
import { diagnosticsText } from './diagnostics-text.ts';
import { planJson, savedPlanJson } from './plan-json.ts';
import { planText } from './plan-text.ts';
import { endingText, lockedText, stepLine, wouldRunText } from './progress-text.ts';
import { createStyle, plain, wantsColor } from './style.ts';
import { widthOf } from '../util/width.ts';
import { planLine, summarize } from './summary.ts';
import type { PlanReport } from './types.ts';

function step(name: string, more: Partial<Step> = {}): Step {
  return {
    id: `id-${name}`,
    address: { engine: 'anydb', instance: 'main', kind: 'database', name },
    app: 'shop',
    action: 'create',
    cause: 'intended',
    title: 'Create the database',
    facts: {},
    fields: [],
    commands: [{ text: `CREATE DATABASE "${name}"` }],
    reverse: [{ text: `DROP DATABASE "${name}"` }],
    risk: 'safe',
    needs: [],
    lane: 'shared',
    unit: null,
    ...more,
  };
}

const login = step('shop_user', {
  address: { engine: 'anydb', instance: 'main', kind: 'role', name: 'shop_user' },
  title: 'Set the password',
  action: 'run',
  commands: [{ text: 'ALTER ROLE "shop_user"\nPASSWORD :verifier', secrets: { verifier: { secret: 'main/shop_user' } } }],
  reverse: null,
});
const drifted = step('blog_app', {
  cause: 'drift',
  action: 'update',
  title: 'Change the role',
  address: { engine: 'anydb', instance: 'main', kind: 'role', name: 'blog_app' },
  fields: [{ field: 'createDatabases', from: true, to: false }],
  risk: 'access-reducing',
});
const limited = step('blog', {
  action: 'update',
  title: 'Change the limit',
  facts: { owner: 'blog_owner', connectionLimit: 20 },
  fields: [{ field: 'connectionLimit', from: null, to: 20 }],
});
const dropped = step('old', { action: 'delete', title: 'Drop the database', risk: 'destructive', confirm: 'old', reverse: null });

function plan(steps: readonly Step[], more: Partial<Plan> = {}): Plan {
  return { format: 2, manifestHash: 'abc', observed: { main: 'x', aside: 'y' }, steps, diagnostics: [], unreached: [], ...more };
}

function report(steps: readonly Step[], more: Partial<Plan> = {}): PlanReport {
  return { plan: plan(steps, more), relaxations: [], foreign: [] };
}

describe('a plan in text', () => {
  it('has a line for each app and place, tells drift and what is more than safe in full, and closes with the count', () => {
    const text = planText({
      ...report([step('shop'), drifted, limited, dropped], { unreached: ['graph'] }),
      places: new Map([['main', new Map([['shop', 'database shop']])]]),
      relaxations: [
        { app: 'shop', instance: 'main', name: 'usual', opens: 'as everywhere', usual: true },
        { app: 'shop', instance: 'main', name: 'advisoryLocks: allow', opens: 'locks are seen by all' },
        { app: null, instance: 'main', name: 'builtin', opens: 'a function is open' },
        { app: 'blog', instance: 'main', name: 'advisoryLocks: allow', opens: 'locks are seen by all' },
        { app: 'far', instance: 'aside', name: 'advisoryLocks: allow', opens: 'locks are seen by all' },
      ],
      foreign: [
        { address: { engine: 'anydb', instance: 'main', kind: 'database', name: 'legacy' } },
        { address: { engine: 'anydb', instance: 'main', kind: 'role', name: 'a' } },
        { address: { engine: 'anydb', instance: 'main', kind: 'role', name: 'b' } },
      ],
    });
    expect(text).toBe(`Changed outside of cotenant; an apply corrects this:
  ! anydb/main  role "blog_app"  Change the role  [access-reducing]
      create databases: yes → no

cotenant will perform these actions:
  ~ shop  database shop on main  3 steps
      database "blog"  connection limit: none → 20

~ change   ! drift   -v shows the steps

Steps that destroy data:
  - anydb/main  database "old"  Drop the database  [destructive, cannot be undone, --confirm=old]

Relaxations (walls that are open):
  advisoryLocks: allow  on main (shop, blog), aside (far)
      locks are seen by all
  builtin  on main (all apps)
      a function is open

3 foreign objects, listed but never changed: main (database 1, role 2).

Plan: 1 to add, 1 to change, 1 to destroy. 1 drift. Not reached: graph.
`);
  });

  it('prints statements only when asked, with secrets by name', () => {
    expect(planText(report([login]))).not.toContain('ALTER ROLE');
    expect(planText(report([login]), { sql: true })).toContain(
      '          ALTER ROLE "shop_user"\n          PASSWORD :verifier\n          -- :verifier = secret main/shop_user\n',
    );
  });

  it('shows the steps of each app when asked, with the risk of each', () => {
    expect(planText(report([step('shop'), limited, dropped]), { steps: true })).toBe(`cotenant will perform these actions:
  ~ shop  on main  3 steps
      + anydb/main  database "shop"  Create the database  [safe]
      ~ anydb/main  database "blog"  Change the limit (connection limit 20, owner blog_owner)  [safe]
          connection limit: none → 20
      - anydb/main  database "old"   Drop the database  [destructive, cannot be undone, --confirm=old]

+ create   ~ change   - destroy

Plan: 1 to add, 1 to change, 1 to destroy.
`);
  });

  it('shortens only what is safe: each name of what is more stands there, however many there are', () => {
    const names = Array.from({ length: 60 }, (_, n) => `app${n}`);
    const revoked = names.map((name) => step(name, { app: name, action: 'update', title: 'Revoke', risk: 'access-reducing' }));
    const text = planText(report(revoked));
    expect(text).toContain('\nSteps that revoke access:\n  ~ anydb/main  database (60)  Revoke  [access-reducing]\n');
    for (const name of names) expect(text).toContain(`"${name}"`);
  });

  it('puts shared things first and apps in the order of their numbers', () => {
    const text = planText(report([step('a', { app: 'app10' }), step('b', { app: 'app9' }), step('c', { app: null })]));
    expect(text).toContain('  + (shared)  on main  1 step\n  + app9      on main  1 step\n  + app10     on main  1 step\n');
  });

  it('loses nothing where the screen is narrow', () => {
    const wide = report([
      step('会员数据库', { app: '会员', risk: 'blocking' }),
      step('b', { app: 'a_name_that_is_longer_than_the_screen_is' }),
    ]);
    const text = planText(wide, { style: createStyle(false, 40) });
    const unbroken = (all: string): string => all.replaceAll(/\s+/g, ' ');
    expect(unbroken(text)).toBe(unbroken(planText(wide)));
    for (const line of text.split('\n')) if (!line.includes('a_name_that')) expect(widthOf(line)).toBeLessThanOrEqual(40);
  });

  it('says that there is nothing to do, and never so of a server that was not reached', () => {
    expect(planText(report([]))).toBe('No changes. The servers match the manifest.\n');
    expect(planText(report([], { unreached: ['a', 'b'] }))).toContain('No changes on the reachable instances. Not reached: a, b.');
    expect(planText(report([]), { apps: ['shop'] })).toBe('No changes for app "shop". The servers match the manifest there.\n');
  });

  it('says the same with colour as without', () => {
    const colored = planText(report([step('shop'), drifted, dropped]), { style: createStyle(true) });
    expect(colored).toContain('\u001b[');
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(planText(report([step('shop'), drifted, dropped])));
  });

  it('lets no name on a server write to the terminal', () => {
    const hostile = step('a\u001b[2J\u202egnp', {
      commands: [{ text: 'CREATE "a\u001b[2J"' }],
      facts: { owner: 'x\ny', database: 'a\u001b[2J\u202egnp' },
    });
    const text = planText(report([hostile]), { sql: true });
    expect(text).toContain('"a\\u001b[2J\\u202egnp"');
    expect(text).toContain('owner x\\u000ay');
    expect(/[\u0000-\u0009\u000b-\u001f\u202e]/.test(text)).toBe(false);
  });

  it('counts a replacement as one added and one destroyed, and a run apart', () => {
    const replaced = step('r', { action: 'replace' });
    expect(summarize([replaced, login])).toEqual({ add: 1, change: 0, destroy: 1, run: 1, drift: 0 });
    expect(planLine(plan([replaced, login]))).toBe('Plan: 1 to add, 0 to change, 1 to destroy. 1 to run.');
  });
});

describe('a plan in JSON', () => {
  it('has the same bytes whatever the order of keys it was built with', () => {
    const one = step('shop', { facts: { a: 1, b: 2 }, commands: [{ text: 't', secrets: { p: { secret: 'r' }, q: { secret: 's' } } }] });
    const { title, id, ...rest } = one;
    const other: Step = {
      ...rest,
      title,
      id,
      facts: { b: 2, a: 1 },
      commands: [{ secrets: { q: { secret: 's' }, p: { secret: 'r' } }, text: 't' }],
    };
    expect(planJson(report([other]))).toBe(planJson(report([one])));
  });

  it('is the plan value, with what stands beside it', () => {
    const parsed: unknown = JSON.parse(planJson(report([limited, dropped], { unreached: ['graph'] })));
    expect(parsed).toEqual({ ...plan([limited, dropped], { unreached: ['graph'] }), relaxations: [], foreign: [] });
  });

  it('says in a saved plan what the file is', () => {
    expect(JSON.parse(savedPlanJson(plan([login])))).toEqual({ cotenant: 'plan', ...plan([login]) });
  });
});

describe('diagnostics in text', () => {
  const warning: Diagnostic = { code: 'CT1301', severity: 'warning', message: 'w', instance: 'main' };
  const error: Diagnostic = {
    code: 'CT1203',
    severity: 'error',
    message: 'unknown field "conections"',
    expected: 'connections',
    hint: 'Did you mean "connections"?',
    location: { file: '/p/cotenant.yaml', line: 31, column: 18, frame: '30 | main:\n31 |   conections: 80\n   |   ^^^^^^^^^^' },
  };

  it('puts the gravest last, with place, frame, what was expected and a hint', () => {
    expect(diagnosticsText([error, warning], { cwd: '/p' })).toBe(`warning[CT1301]: w (main)

error[CT1203]: unknown field "conections"
  --> cotenant.yaml:31:18
  30 | main:
  31 |   conections: 80
     |   ^^^^^^^^^^
  expected: connections
  hint: Did you mean "connections"?

1 error, 1 warning. Details: cotenant explain CT1203
`);
  });

  it('prints nothing for nothing', () => {
    expect(diagnosticsText([])).toBe('');
  });
});

describe('progress', () => {
  const results: readonly StepResult[] = [
    { step: step('shop'), status: 'done', elapsed: 12.4 },
    { step: drifted, status: 'done', elapsed: 3 },
    { step: limited, status: 'failed', elapsed: 1 },
    { step: dropped, status: 'not-executed', elapsed: 0 },
  ];

  it('has a line a step', () => {
    expect(results.map((result) => stepLine(result, plain))).toEqual([
      '✔   + anydb/main  database "shop"  Create the database (12 ms)',
      '✔   ! anydb/main  role "blog_app"  Change the role (3 ms)',
      '✖   ~ anydb/main  database "blog"  Change the limit: failed',
      '·   - anydb/main  database "old"  Drop the database: not executed',
    ]);
  });

  it('counts in the end only what was done', () => {
    expect(endingText('partly', results, plain)).toBe(
      'Partly applied: 1 added, 0 changed, 0 destroyed. 1 drift corrected. 1 failed, 1 not executed. Run apply again: it continues from here.',
    );
    expect(endingText('done', results.slice(0, 1), plain)).toBe('Apply complete: 1 added, 0 changed, 0 destroyed.');
  });

  it('shows what a dry run would send', () => {
    const text = wouldRunText({ step: login, status: 'would-run', elapsed: 0 }, plain);
    expect(text).toContain('Would run: Set the password');
    expect(text).toContain('-- :verifier = secret main/shop_user');
    expect(endingText('done', [{ step: login, status: 'would-run', elapsed: 0 }], plain)).toBe(
      'Dry run: 1 step would run. Nothing was sent.',
    );
  });

  it('never calls a server that waits for somebody as it should be', () => {
    const waits = (app: string): Plan['diagnostics'][number] => ({ code: 'CT2031', severity: 'warning', message: 'held', waits: app });
    const held = { ...plan([]), diagnostics: [waits('shop'), waits('blog'), waits('shop')] };
    expect(planLine(held)).toBe('Nothing to do now. On hold until somebody acts: blog, shop.');
    expect(planLine({ ...held, apps: ['shop'] }, ['shop'])).toBe('Nothing to do now for app "shop". On hold until somebody acts: shop.');
    expect(planLine({ ...held, apps: ['wiki'] }, ['wiki'])).toBe('No changes for app "wiki". The servers match the manifest there.');
    expect(planLine({ ...held, steps: [login] })).toMatch(/destroy\.( 1 .*\.)? On hold until somebody acts: blog, shop\.$/);
    expect(endingText('waiting', [], plain, ['blog'])).toBe('Nothing to do now. On hold until somebody acts: blog. Then run apply again.');
  });

  it('names who holds a lock', () => {
    expect(lockedText('main', { who: 'ops@host', since: '2026-01-01T00:00:00Z' })).toContain('ops@host, since 2026-01-01T00:00:00Z');
  });
});

describe('colour', () => {
  it.each([
    [{}, true, false, true],
    [{}, false, false, false],
    [{ NO_COLOR: '1' }, true, false, false],
    [{ NO_COLOR: '' }, true, false, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false, false],
    [{ FORCE_COLOR: '1' }, false, false, true],
    [{ FORCE_COLOR: '0' }, true, false, false],
    [{ TERM: 'dumb' }, true, false, false],
    [{ FORCE_COLOR: '1' }, true, true, false],
  ])('%j, terminal %s, --no-color %s: %s', (env, tty, flag, expected) => {
    expect(wantsColor(env, tty, flag)).toBe(expected);
  });
});
