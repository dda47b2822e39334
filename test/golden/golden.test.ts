import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { diagnosticCodes } from '../../src/app/codes.ts';
import type { Relaxation, Step, StepResult } from '../../src/model/index.ts';
import { ApplyTally } from '../../src/report/apply-text.ts';
import { diagnosticsText } from '../../src/report/diagnostics-text.ts';
import { historyDocument } from '../../src/report/documents/history.ts';
import { planDocument } from '../../src/report/documents/plan.ts';
import { statusDocument } from '../../src/report/documents/status.ts';
import { verifyDocument } from '../../src/report/documents/verify.ts';
import { formatEnv } from '../../src/report/env.ts';
import { explain, explanationText } from '../../src/report/explanation-text.ts';
import { historyText } from '../../src/report/history-text.ts';
import { planText } from '../../src/report/plan-text.ts';
import { endingText, stepLine } from '../../src/report/progress-text.ts';
import { statusText } from '../../src/report/status-text.ts';
import { createStyle, type Style } from '../../src/report/style.ts';
import type { PlanReport } from '../../src/report/types.ts';
import { verifyText } from '../../src/report/verify-text.ts';
import { widthOf } from '../../src/util/width.ts';
import { diagnose, head } from '../support/manifest-case.ts';
import { helpTexts } from './help.ts';
import { golden, widths } from './write.ts';

/** The models are documents that `--json` printed on real servers, without their statements. */
function model<T>(schema: z.ZodType<T>, name: string): T {
  return schema.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'models', `${name}.json`), 'utf8')));
}

const places: NonNullable<PlanReport['places']> = new Map([
  [
    'main',
    new Map([
      ['shop', 'database shop'],
      ['blog', 'schema content.blog'],
      ['crm', 'database crm'],
      ['analytics', 'reader of shop'],
    ]),
  ],
  [
    'orders',
    new Map([
      ['blog', 'database blog'],
      ['crm', 'database crm'],
    ]),
  ],
  [
    'cache',
    new Map([
      ['shop', 'prefix shop:*'],
      ['crm', 'prefix crm:*'],
      ['analytics', 'reader of shop'],
    ]),
  ],
]);

/** Of whom nobody has chosen that it stays open. */
const usual = (relaxations: readonly Relaxation[]): readonly Relaxation[] => relaxations.map((one) => ({ ...one, usual: true }));

function planOf(name: string, without?: string): PlanReport {
  const { relaxations, foreign, ...plan } = model(planDocument, name);
  const named = new Map([...places].map(([instance, apps]) => [instance, new Map([...apps].filter(([app]) => app !== without))]));
  return { plan, relaxations: usual(relaxations), foreign, places: named };
}

/** The same plan with forty apps: what one has, for each. */
function ofForty(): PlanReport {
  const first = planOf('plan-first');
  const like = (app: string, name: string): readonly Step[] =>
    JSON.parse(JSON.stringify(first.plan.steps.filter((step) => step.app === app)).replaceAll(app, name)) as Step[];
  const names = Array.from({ length: 40 }, (_, n) => (n < 25 ? `app${n + 1}` : `svc${n + 1}`));
  const steps = names.flatMap((name) => like(name.startsWith('app') ? 'shop' : 'blog', name));
  const at = (instance: string) =>
    new Map(
      names.map((name) => [
        name,
        places
          .get(instance)
          ?.get(name.startsWith('app') ? 'shop' : 'blog')
          ?.replace(/shop|blog$/, name) ?? '',
      ]),
    );
  return {
    ...first,
    plan: { ...first.plan, steps: [...first.plan.steps.filter(({ app }) => app === null), ...steps] },
    places: new Map([...places.keys()].map((instance) => [instance, at(instance)])),
  };
}

const forty = ofForty();

/** An apply of this plan, of which the step at `broken` fails, and no other of its app goes on. */
function applied(report: PlanReport, broken: number, style: Style): string {
  const failed = report.plan.steps[broken];
  const results = report.plan.steps.map((step, at): StepResult => {
    const status = at === broken ? 'failed' : failed !== undefined && step.app === failed.app && at > broken ? 'not-executed' : 'done';
    return { step, status, elapsed: 12 };
  });
  const tally = new ApplyTally(report);
  const lines = results.flatMap((result) => {
    const line = tally.ended(result, style);
    return [...(result.status === 'failed' ? [stepLine(result, style)] : []), ...(line === null ? [] : [line])];
  });
  return [...lines, endingText(broken < 0 ? 'done' : 'partly', results, style), ''].join('\n');
}

describe('help', () => {
  it.each(helpTexts(80).map(({ name }) => name))('of %s', async (name) => {
    await golden(`help-${name.replaceAll(' ', '-')}`, ({ width }) => helpTexts(width).find((one) => one.name === name)?.text ?? '');
  });

  it.each(widths)('fits a screen of %i columns; a line of usage is left whole', (width) => {
    const wide = helpTexts(width).flatMap(({ text }) => text.split('\n').filter((line) => widthOf(line) > width));
    expect(wide.filter((line) => !line.startsWith('Usage: '))).toEqual([]);
  });
});

describe('a plan', () => {
  it.each([
    ['plan', planOf('plan-first'), {}],
    ['plan-verbose', planOf('plan-first'), { steps: true }],
    ['plan-removal', planOf('plan-removal', 'crm'), {}],
    ['plan-drift', planOf('plan-drift'), {}],
    ['plan-forty', forty, {}],
  ] as const)('%s', async (name, report, options) => {
    await golden(name, (style) => planText(report, { ...options, style }));
  });

  it('of forty apps fits on two screens', () => {
    expect(planText(forty, { style: createStyle(false, 100) }).split('\n').length).toBeLessThan(110);
  });
});

describe('an apply', () => {
  it.each([
    ['apply', planOf('plan-first'), -1],
    ['apply-failed', planOf('plan-first'), 21],
  ] as const)('%s', async (name, report, broken) => {
    await golden(name, (style) => applied(report, broken, style));
  });
});

describe('a proof', () => {
  const clean = model(verifyDocument, 'verify-clean');
  const tries = {
    refused: clean.counts.blocked,
    declared: clean.counts.attempts - clean.counts.blocked,
    residual: 0,
    unproven: 0,
    found: 0,
  };
  const found = model(verifyDocument, 'verify-findings');
  // As the proof knows it, and the document does not say.
  const under = found.findings.map((one) => (one.from === 'blog' && one.fix.length === 0 ? { ...one, under: 'blog_user → shop_ro' } : one));
  it.each([
    ['verify', { ...clean, relaxations: usual(clean.relaxations) }, { tries }],
    ['verify-findings', { ...found, findings: under, relaxations: usual(found.relaxations) }, {}],
  ] as const)('%s', async (name, report, more) => {
    await golden(name, (style) => verifyText(report, { unreached: [], ...more }, style));
  });
});

describe('other outputs', () => {
  const status = model(statusDocument, 'status');
  const lost = status.placements.map((row) =>
    row.instance === 'main'
      ? ({
          ...row,
          isolation: '?',
          location: '?',
          size: null,
          connections: null,
          connectionLimit: null,
          pending: 0,
          drift: 0,
          state: 'unknown',
        } as const)
      : row,
  );
  const instances = status.instances.map((one) => (one.name === 'main' ? { ...one, reached: false } : one));

  it('status', async () => await golden('status', (style) => statusText({ ...status, relaxations: [] }, style)));
  it('status of a server that does not answer', async () =>
    await golden('status-unreached', (style) => statusText({ ...status, placements: lost, instances, relaxations: [] }, style)));
  it('history', async () => {
    const runs = model(historyDocument, 'history').runs.map(({ run, intent, at, by, resumes, steps, ...rest }) => ({
      ...rest,
      head: { format: 1 as const, run, project: 'studio', intent, at, by, ...(resumes === null ? {} : { resumes }) },
      steps: steps.map(({ why, ...step }) => ({ ...step, ...(why === null ? {} : { why }) })),
    }));
    await golden('history', (style) => historyText({ runs }, { steps: false, style }));
    await golden('history-steps', (style) => historyText({ runs: runs.slice(0, 2) }, { steps: true, style }));
  });
  it('env', async () => {
    const variable = (name: string, value: string, secret = false) => ({ name, value, secret });
    const variables = [
      variable('DATABASE_URL', 'postgres://shop_user:pw@127.0.0.1:5432/shop', true),
      variable('PGDATABASE', 'shop'),
      variable('REDIS_PREFIX', 'shop:'),
    ];
    await golden('env', () => formatEnv(variables, { format: 'dotenv', reveal: false, name: 'shop' }));
  });
  it('explain', async () => {
    const entry = explain(await diagnosticCodes(), 'CT4009');
    if (entry === null) throw new Error('no such code');
    await golden('explain', (style) => explanationText(entry, style));
  });
  it('errors with their place', async () => {
    const found = await diagnose(
      `${head}apps:\n  shop:\n    uses:\n      mian: {}\n      main: { databse: shop_with_a_rather_long_name_of_its_database }\n`,
    );
    await golden('errors', (style) => diagnosticsText(found, { style, cwd: '/p' }));
  });
});

/** What cannot be broken: a name, a command to paste, a line of a file. */
const whole = /^ *\S+$|--> |cotenant |^ *(\d+|>|\|) |^ *[|>]|--confirm|REVOKE|ALTER|-- in|^ +\d+ \|/;

it('no line is wider than the screen but for what cannot be broken', () => {
  for (const [report, options] of [
    [planOf('plan-first'), {}],
    [planOf('plan-first'), { steps: true }],
    [planOf('plan-removal', 'crm'), {}],
    [forty, {}],
  ] as const) {
    for (const width of widths) {
      const lines = planText(report, { ...options, style: createStyle(false, width) }).split('\n');
      expect(lines.filter((line) => widthOf(line) > width && !whole.test(line))).toEqual([]);
    }
  }
});
