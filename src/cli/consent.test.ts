import { describe, expect, it } from 'vitest';
import type { Diagnostic, Plan, Step } from '../model/index.ts';
import type { Call } from './call.ts';
import { needsOf } from '../report/consent.ts';
import { consentOf } from './consent.ts';
import { Interruption } from './interruption.ts';
import { Options } from './options.ts';
import { createOutput } from './output/create.ts';

function step(name: string, risk: Step['risk'], more: Partial<Step> = {}): Step {
  return {
    id: name,
    address: { engine: 'anydb', instance: 'main', kind: 'database', name },
    app: null,
    action: 'update',
    cause: 'intended',
    title: 't',
    facts: {},
    fields: [],
    commands: [],
    reverse: null,
    risk,
    needs: [],
    lane: 'l',
    unit: null,
    ...more,
  };
}

function plan(...steps: readonly Step[]): Plan {
  return { format: 2, manifestHash: 'h', observed: {}, steps, diagnostics: [], unreached: [] };
}

/** A call whose questions are answered from a list, or that cannot ask. */
function callWith(
  values: Readonly<Record<string, unknown>>,
  answers: (string | null)[] | null,
): { call: Call; said: Diagnostic[]; asked: string[] } {
  const said: Diagnostic[] = [];
  const asked: string[] = [];
  const interruption = new Interruption(() => undefined);
  const { stdin, stdout, stderr } = process;
  const io = { version: '0', cwd: '/', env: {}, stdin, stdout, stderr, interruption, interrupt: () => undefined };
  const options = new Options(values);
  const base = createOutput('json', io, options);
  const output = Object.assign(Object.create(base) as typeof base, {
    canAsk: answers !== null,
    diagnostics: (list: readonly Diagnostic[]) => void said.push(...list),
    ask: (question: string) => {
      asked.push(question);
      return Promise.resolve(answers?.shift() ?? null);
    },
  });
  return { call: { args: [], options, output, io }, said, asked };
}

const dropShop = step('shop', 'destructive', { confirm: 'shop', app: 'shop' });
const revokeShop = step('grant', 'access-reducing', { app: 'shop' });
const revokeBlog = step('grant2', 'access-reducing', { app: 'blog' });
const lock = step('index', 'blocking');

describe('what a plan needs', () => {
  it('is a name for each thing destroyed and a yes for the rest', () => {
    const needs = needsOf(plan(dropShop, { ...dropShop, id: 'again' }, revokeShop, lock, step('fine', 'safe')), []);
    expect(needs.severe).toEqual(['shop']);
    expect(needs.moderate).toEqual([revokeShop, lock]);
  });

  it('is less where the app is confirmed by name', () => {
    const needs = needsOf(plan(dropShop, revokeShop, revokeBlog), ['shop']);
    expect(needs).toEqual({ severe: [], losses: [], moderate: [revokeBlog] });
  });

  it('is the name of the object where a destructive step names nothing', () => {
    expect(needsOf(plan(step('x', 'destructive')), []).severe).toEqual(['x']);
  });
});

const losing = (who: string, of: string | null, keep: string | null = null): Step =>
  step(`closes ${who}`, 'safe', { losses: [{ who, of, what: [`connect to database "${who}"`], sessions: 1, keep }] });

describe('a login that the manifest does not name', () => {
  it('is named by itself where it would lose something, also by a step that is safe for the apps', () => {
    const needs = needsOf(plan(losing('backup', null), losing('shop_user', 'shop')), []);
    expect(needs).toEqual({ severe: [], losses: ['backup'], moderate: [] });
  });

  it('is no part of --yes', async () => {
    const { call, said } = callWith({ yes: true }, null);
    expect(await consentOf(call).consent(plan(losing('backup', null, 'operators: { backup: { may: [connect] } }')))).toBe(false);
    expect(said).toEqual([
      {
        code: 'CT4009',
        severity: 'error',
        message: '"backup" is not in the manifest and would lose: connect to database "backup"',
        hint: 'to keep it, write operators: { backup: { may: [connect] } }; to agree to the loss, pass --confirm=backup',
      },
    ]);
  });

  it.each([
    [{ confirm: ['backup'] }, null, true],
    [{}, ['backup'], true],
    [{ yes: true }, ['yes'], false],
  ])('agrees to its loss with %j and the answers %j: %s', async (values, answers, agreed) => {
    const { call } = callWith(values, answers);
    expect(await consentOf(call).consent(plan(losing('backup', null)))).toBe(agreed);
  });
});

describe('where nobody can be asked', () => {
  it('names every flag that is missing', async () => {
    const { call, said } = callWith({}, null);
    expect(await consentOf(call).consent(plan(dropShop, lock))).toBe(false);
    expect(said.map((d) => d.hint)).toEqual(['Pass --confirm=shop', 'Pass --yes']);
  });

  it('never takes --yes for a destructive step', async () => {
    const { call, said } = callWith({ yes: true }, null);
    expect(await consentOf(call).consent(plan(dropShop, lock))).toBe(false);
    expect(said.map((d) => d.hint)).toEqual(['Pass --confirm=shop']);
  });

  it.each([
    [{ yes: true }, plan(lock)],
    [{ autoApprove: true }, plan(lock)],
    [{ confirm: ['shop'] }, plan(dropShop, revokeShop)],
    [{ confirm: ['shop'], yes: true }, plan(dropShop, revokeBlog)],
    [{}, plan()],
  ])('agrees with %j', async (values, value) => {
    const { call, said } = callWith(values, null);
    expect(await consentOf(call).consent(value)).toBe(true);
    expect(said).toEqual([]);
  });
});

describe('at a terminal', () => {
  it('takes the name for what is destroyed, and passes it on', async () => {
    const { call, asked } = callWith({}, ['shop']);
    const consent = consentOf(call);
    expect(await consent.consent(plan(dropShop, revokeShop))).toBe(true);
    expect(asked).toHaveLength(1);
    expect(consent.confirm).toEqual(['shop']);
  });

  it.each([['yes'], ['Shop'], [''], [null]])('refuses %j where a name is asked for', async (answer) => {
    const { call } = callWith({ yes: true }, [answer]);
    expect(await consentOf(call).consent(plan(dropShop))).toBe(false);
  });

  it.each([
    ['y', true],
    ['YES', true],
    ['n', false],
    ['', false],
    ['yellow', false],
    [null, false],
  ])('%j to a moderate step is %s', async (answer, agreed) => {
    const { call, asked } = callWith({}, [answer]);
    expect(await consentOf(call).consent(plan(lock, revokeBlog))).toBe(agreed);
    expect(asked[0]).toContain('1 step that revokes access and 1 step that may block a running app');
  });
});
