import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Behind, look, proofProject, type ProofProject, scripted } from '../../test/support/proof.ts';
import { type TempDir, tempDir } from '../../test/support/temp-dir.ts';
import { DiagnosticError, fail } from '../model/index.ts';
import { applyFixes, fixPlan } from './fix.ts';
import type { EventBody } from './types.ts';
import { verifyProject, watchProject } from './verify.ts';

const source = `cotenant: 1
project: p
instances: { main: { engine: alpha }, side: { engine: alpha } }
apps:
  a: { uses: { main: {} } }
  b: { uses: { main: {}, side: {} } }
  c: { uses: { side: {} } }
readers:
  stats: { reads: [a] }
`;

let folder: TempDir;
beforeAll(async () => {
  folder = await tempDir();
});
afterAll(async () => await folder[Symbol.asyncDispose]());

const proof = (behind: Behind, signal?: AbortSignal): Promise<ProofProject> => proofProject(source, folder.path, behind, signal);
const main = scripted({ apps: ['a', 'b', 'stats'] });
const side = scripted({ apps: ['b', 'c'] });
const away = fail('CT3001', 'nobody answers', { instance: 'side' });

describe('a proof of a project', () => {
  it('puts the instances together, in the order of the manifest', async () => {
    const { project } = await proof({ main, side });
    const { report, diagnostics, unreached, probes } = await verifyProject(project, { seed: 9 });
    expect([diagnostics, unreached]).toEqual([[], []]);
    expect(probes.map(({ id }) => id)).toEqual(['X-1']);
    expect(report).toMatchObject({
      format: 1,
      seed: 9,
      scope: { apps: null, exhaustive: false, destructive: false },
      apps: ['a', 'b', 'stats', 'c'],
      findings: [],
      relaxations: [{ instance: 'main' }, { instance: 'side' }],
      counts: { attempts: 8, blocked: 8, controls: 5, analysed: 14 },
    });
    expect(report.cells.map(({ instance, from, to }) => `${instance} ${from} ${to}`).at(-1)).toBe('side c b');
    expect(report.cells).toHaveLength(8);
  });

  it('takes another seed each time', async () => {
    const { project } = await proof({ main, side });
    const seeds = [await verifyProject(project), await verifyProject(project), await verifyProject(project)].map(
      ({ report }) => report.seed,
    );
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });

  it('holds nothing for proved on an instance that did not answer', async () => {
    const { project } = await proof({ main, side: away });
    const { report, diagnostics, unreached } = await verifyProject(project);
    expect(unreached).toEqual(['side']);
    expect(diagnostics).toMatchObject([{ code: 'CT3001' }]);
    expect(report.findings).toMatchObject([{ probe: 'CT3001', verdict: 'UNPROVEN', instance: 'side', answer: 'nobody answers' }]);
    expect(report.cells.filter(({ verdict }) => verdict === 'UNPROVEN').map(({ instance }) => instance)).toEqual(['side', 'side']);
  });

  it('says so where an engine has no proof', async () => {
    const { project } = await proof({ main, side: null });
    expect((await verifyProject(project)).report.findings).toMatchObject([{ probe: 'CT6101', verdict: 'UNPROVEN', instance: 'side' }]);
  });

  it('of one app leaves out the instances that it does not live on', async () => {
    const { project } = await proof({ main, side: away });
    const { report, unreached } = await verifyProject(project, { apps: ['a'] });
    expect(unreached).toEqual([]);
    expect(report).toMatchObject({ findings: [], scope: { apps: ['a'] }, relaxations: [{ instance: 'main' }] });
    await expect(verifyProject(project, { apps: ['nobody'] })).rejects.toThrow(DiagnosticError);
  });
});

const close = { lane: 'l', statement: { text: 'CLOSE' } };
const open = scripted({
  apps: ['a', 'b', 'stats'],
  attempts: (from, victims) => victims.map((to) => look(from, to, { outcome: 'succeeded', fix: [close] })),
});

describe('fixes', () => {
  it('are a plan with each statement once, and ask for consent', async () => {
    const { project } = await proof({ main: open, side });
    const { report } = await verifyProject(project, { seed: 1 });
    const { steps } = fixPlan(project, report);
    expect(report.findings.length).toBeGreaterThan(1);
    expect(steps).toMatchObject([
      { lane: 'l', commands: [close.statement], risk: 'access-reducing', reverse: null, address: { instance: 'main' } },
    ]);
    expect(fixPlan(project, report)).toEqual(fixPlan(project, report));
  });

  it('of one finding are sent only after those before them, and never wait for one another in a circle', async () => {
    const { project } = await proof({ main: open, side });
    const { report } = await verifyProject(project, { seed: 1 });
    const [one, two] = ['A', 'B'].map((text) => ({ lane: text, statement: { text } }));
    const [finding] = report.findings;
    if (!one || !two || !finding) throw new Error('there is a finding');
    const { steps } = fixPlan(project, {
      ...report,
      findings: [
        { ...finding, fix: [one, two] },
        { ...finding, fix: [two, one] },
      ],
    });
    expect(steps.map(({ lane, needs: after }) => [lane, after])).toEqual([
      ['A', []],
      ['B', [steps[0]?.id]],
    ]);
  });

  it('that end data need the name', async () => {
    const { project } = await proof({ main: open, side });
    const { report } = await verifyProject(project, { seed: 1 });
    const ending = { ...report, findings: report.findings.map((one) => ({ ...one, fix: [{ ...close, confirm: 'old' }] })) };
    expect(fixPlan(project, ending).steps).toMatchObject([{ risk: 'destructive', confirm: 'old' }]);
  });

  it('are sent under the lock after consent', async () => {
    const { project, sent, locks } = await proof({ main: open, side });
    const { report } = await verifyProject(project, { seed: 1 });
    const events: EventBody[] = [];
    for await (const event of applyFixes(project, report, { consent: () => Promise.resolve(true) })) events.push(event);
    expect(events.map(({ type }) => type)).toEqual(['planned', 'start', 'step', 'result']);
    expect(events.at(-1)).toMatchObject({ ending: 'done' });
    expect(sent).toEqual(['l: CLOSE']);
    expect(locks).toEqual(['verify --fix']);
  });

  it('are not sent without consent', async () => {
    const { project, sent } = await proof({ main: open, side });
    const { report } = await verifyProject(project, { seed: 1 });
    const events: EventBody[] = [];
    for await (const event of applyFixes(project, report, { consent: () => Promise.resolve(false) })) events.push(event);
    expect(events.at(-1)).toMatchObject({ type: 'result', ending: 'refused' });
    expect(sent).toEqual([]);
  });

  it('of an unreachable instance wait', async () => {
    const before = await proof({ main: open, side });
    const { report } = await verifyProject(before.project, { seed: 1 });
    const { project, sent } = await proof({ main: fail('CT3001', 'gone', { instance: 'main' }), side });
    const events: EventBody[] = [];
    for await (const event of applyFixes(project, report, { consent: () => Promise.resolve(true) })) events.push(event);
    expect(events[0]).toMatchObject({ type: 'planned', outcome: { plan: { steps: [], unreached: ['main'] } } });
    expect(sent).toEqual([]);
  });
});

describe('a watch', () => {
  it('goes on from round to round with the manifest as it is then, through trouble too, until it is told to end', async () => {
    const controller = new AbortController();
    const { project } = await proof({ main, side });
    const { project: worse } = await proof({ main: open, side });
    const opens = [
      () => project,
      () => worse,
      () => {
        throw fail('CT1001', 'no manifest');
      },
      () => project,
    ];
    const rounds: string[] = [];
    const next = async () => Promise.resolve((opens.shift() ?? (() => project))());
    for await (const { outcome, diagnostics, time } of watchProject(next, { every: 1, signal: controller.signal })) {
      expect(Date.parse(time)).not.toBeNaN();
      rounds.push(outcome === null ? (diagnostics[0]?.code ?? '') : outcome.report.findings.length > 0 ? 'findings' : 'clean');
      if (rounds.length === 4) controller.abort();
    }
    expect(rounds).toEqual(['clean', 'findings', 'CT1001', 'clean']);
  });

  it('gives up the round that is under way', async () => {
    const controller = new AbortController();
    const stuck = scripted({
      apps: ['a', 'b', 'stats'],
      attempts: (from) => {
        controller.abort(new Error('interrupted'));
        return [look(from, null)];
      },
    });
    const { project } = await proof({ main: stuck, side }, controller.signal);
    const rounds = [];
    for await (const round of watchProject(async () => Promise.resolve(project), { every: 1, signal: controller.signal }))
      rounds.push(round);
    expect(rounds).toEqual([]);
  });
});
