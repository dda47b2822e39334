import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { EventBody, Project } from '../app/types.ts';
import type { Plan, Step } from '../model/index.ts';
import { applyOptions, showApply } from './apply-run.ts';
import type { Call, OutputMode } from './call.ts';
import { Interruption } from './interruption.ts';
import { Options } from './options.ts';
import { createOutput } from './output/create.ts';

const step: Step = {
  id: 's1',
  address: { engine: 'anydb', instance: 'main', kind: 'database', name: 'shop' },
  app: 'shop',
  action: 'create',
  cause: 'intended',
  title: 'Create the database',
  facts: {},
  fields: [],
  commands: [{ text: 'CREATE DATABASE shop' }],
  reverse: null,
  risk: 'safe',
  needs: [],
  lane: 'shared',
  unit: null,
};
const warning = { code: 'CT1301', severity: 'warning' as const, message: 'careful', path: ['apps', 'shop'] };
const plan: Plan = { format: 2, manifestHash: 'h', observed: {}, steps: [step], diagnostics: [warning], unreached: [] };
const planned: EventBody = { type: 'planned', outcome: { plan, relaxations: [], foreign: [] } };

// Only what `showApply` asks of a project.
const project = { locate: (d) => ({ ...d, location: { file: '/p/cotenant.yaml', line: 7, column: 3, frame: '' } }) } as Pick<
  Project,
  'locate'
> as Project;

interface Shown {
  readonly call: Call;
  stdout(): string;
  stderr(): string;
  readonly said: string[];
}

function callIn(mode: OutputMode, values: Readonly<Record<string, unknown>> = {}): Shown {
  const said: string[] = [];
  const interruption = new Interruption((text) => said.push(text));
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const io = { version: '9', cwd: '/p', env: {}, stdin, stdout, stderr, interruption, interrupt: () => undefined };
  const options = new Options(values);
  const call = { args: [], options, io, output: createOutput(mode, io, options) };
  const read = (stream: PassThrough) => () => String(stream.read() ?? '');
  return { call, stdout: read(stdout), stderr: read(stderr), said };
}

async function* stream(...events: readonly EventBody[]): AsyncGenerator<EventBody> {
  for (const event of events) yield await Promise.resolve(event);
}

const success: readonly EventBody[] = [
  planned,
  { type: 'diagnostic', diagnostic: warning },
  { type: 'start', step },
  { type: 'step', result: { step, status: 'done', elapsed: 4 } },
  { type: 'result', ending: 'done', results: [{ step, status: 'done', elapsed: 4 }] },
];

describe('an apply for people', () => {
  it('puts plan and ending on stdout, progress and diagnostics on stderr, each diagnostic once', async () => {
    const shown = callIn('text');
    expect(await showApply(shown.call, project, stream(...success))).toBe(0);
    expect(shown.stdout()).toMatch(
      /^cotenant will perform these actions:\n[^]*Plan: 1 to add, .*\nApply complete: 1 added, 0 changed, 0 destroyed\.\n$/,
    );
    const stderr = shown.stderr();
    expect(stderr).toContain('✔   + shop  on main  1 step  (1 of 1)\n');
    expect(stderr.split('warning[CT1301]: careful\n  --> cotenant.yaml:7:3')).toHaveLength(2);
  });

  it('says how a run ended badly on stderr', async () => {
    const shown = callIn('text');
    const diagnostic = { code: 'CT5001', severity: 'error' as const, message: 'the server said no' };
    const results = [{ step, status: 'failed' as const, elapsed: 1, diagnostic }];
    const events: readonly EventBody[] = [
      { type: 'step', result: { ...results[0]!, diagnostic } },
      { type: 'result', ending: 'partly', results },
    ];
    expect(await showApply(shown.call, project, stream(...events))).toBe(3);
    expect(shown.stdout()).toBe('');
    expect(shown.stderr()).toMatch(/✖ .*failed\n[^]*error\[CT5001\]: the server said no[^]*Partly applied: 0 added/);
  });

  it('prints on stdout what a dry run would send', async () => {
    const shown = callIn('text');
    const result = { step, status: 'would-run' as const, elapsed: 0 };
    expect(
      await showApply(shown.call, project, stream({ type: 'step', result }, { type: 'result', ending: 'done', results: [result] })),
    ).toBe(0);
    expect(shown.stdout()).toMatch(
      /Would run: Create the database .*\n {6}CREATE DATABASE shop\nDry run: 1 step would run\. Nothing was sent\.\n/,
    );
  });

  it('names the holder of a lock', async () => {
    const shown = callIn('text', { quiet: true });
    const holder = { who: 'ops@host 123', since: '2026-01-01T00:00:00Z' };
    const events = stream({ type: 'locked', instance: 'main', holder }, { type: 'result', ending: 'locked', results: [] });
    expect(await showApply(shown.call, project, events)).toBe(6);
    expect(shown.stderr()).toContain('held by ops@host 123, since 2026-01-01T00:00:00Z');
  });

  it('keeps quiet on request', async () => {
    const shown = callIn('text', { quiet: true });
    await showApply(shown.call, project, stream(...success));
    expect(shown.stderr()).toBe('');
  });
});

describe('an apply for machines', () => {
  it('is one object a line, from the version to the result', async () => {
    const shown = callIn('stream-json');
    expect(await showApply(shown.call, project, stream(...success))).toBe(0);
    const lines = shown
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(lines.map((line) => line.type)).toEqual([
      'version',
      'planned_change',
      'diagnostic',
      'change_summary',
      'apply_start',
      'apply_complete',
      'result',
    ]);
    expect(shown.stderr()).toBe('');
  });
});

describe('an interruption', () => {
  it('names the steps that have begun and not ended', async () => {
    const shown = callIn('text');
    const other = { ...step, id: 's2', address: { ...step.address, name: 'blog' } };
    async function* events(): AsyncGenerator<EventBody> {
      yield { type: 'start', step };
      yield { type: 'start', step: other };
      yield { type: 'step', result: { step, status: 'done', elapsed: 1 } };
      shown.call.io.interruption.interrupt();
      yield await Promise.resolve({ type: 'result' as const, ending: 'interrupted' as const, results: [] });
    }
    expect(await showApply(shown.call, project, events())).toBe(130);
    expect(shown.said.join()).toContain('anydb/main/database/blog');
    expect(shown.said.join()).not.toContain('anydb/main/database/shop');
  });
});

describe('the options of an apply', () => {
  it('are those that were given, and no others', () => {
    const { consent: _, ...given } = applyOptions(
      callIn('text', { dryRun: true, app: ['shop'], lockTimeout: 5, confirm: ['a', 'b'] }).call,
    );
    expect(given).toEqual({ dryRun: true, apps: ['shop'], lockTimeout: 5, confirm: ['a', 'b'] });
    const { consent: __, ...none } = applyOptions(callIn('text').call);
    expect(none).toEqual({ dryRun: false, confirm: [] });
  });
});
