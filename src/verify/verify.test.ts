import { describe, expect, it } from 'vitest';
import { look, looking, type Script, scripted } from '../../test/support/proof.ts';
import { fail } from '../model/index.ts';
import { type InstanceProof, verifyInstance, type VerifyOptions } from './verify.ts';

const apps = ['a', 'b', 'c'];

function prove(script: Partial<Script> = {}, options: Partial<VerifyOptions> = {}, expected = apps): Promise<InstanceProof> {
  const verifier = scripted({ apps, ...script });
  const subject = { instance: 'main', verifier, probes: [looking], expected, signal: new AbortController().signal };
  return verifyInstance(subject, { seed: 1, exhaustive: false, destructive: false, ...options });
}

const lost = fail('CT3004', 'the connection was lost');

describe('the proof of an instance', () => {
  it('is clean where everything is refused, and counts what was done', async () => {
    expect(await prove()).toMatchObject({ findings: [], attempts: 6, blocked: 6, controls: 3, analysed: 7, diagnostics: [] });
  });

  it('finds what gets through, in the matrix too', async () => {
    const proof = await prove({
      attempts: (from, victims) => victims.map((to) => look(from, to, to === 'b' ? { outcome: 'succeeded' } : {})),
    });
    expect(proof.findings.map(({ verdict, from, to }) => `${verdict} ${from} ${to}`)).toEqual(['BREACH a b', 'BREACH c b']);
    expect(proof.cells.filter(({ verdict }) => verdict === 'BREACH').map(({ from, to }) => `${from}${to}`)).toEqual(['ab', 'cb']);
    expect(proof.blocked).toBe(4);
    expect(proof.tries).toEqual({ refused: 4, declared: 0, residual: 0, unproven: 0, found: 2 });
  });

  it('names the apps of the manifest that have no login, and proves nothing of them', async () => {
    const proof = await prove({}, {}, [...apps, 'd']);
    expect(proof.findings).toMatchObject([{ probe: 'CT6102', verdict: 'UNPROVEN', from: 'd', to: 'd' }]);
    expect(proof.cells.filter(({ verdict }) => verdict === 'UNPROVEN').map(({ from, to }) => `${from}${to}`)).toEqual(['da', 'db', 'dc']);
  });

  it('holds nothing for proved of an attacker that did not come, or tried only what it may not', async () => {
    const absent = await prove({ present: ['a', 'b'] });
    expect(absent.findings).toMatchObject([{ probe: 'CT6103', verdict: 'UNPROVEN', from: 'c', answer: 'nothing was attempted' }]);
    const verifier = scripted({ apps });
    const subject = {
      instance: 'main',
      verifier: {
        ...verifier,
        async *attack() {
          yield await Promise.resolve(look('a', 'b'));
        },
      },
      probes: [looking],
      expected: apps,
      signal: new AbortController().signal,
    };
    const proof = await verifyInstance(subject, { seed: 1, exhaustive: false, destructive: false });
    expect(proof.findings.map(({ probe, from }) => `${probe} ${from}`)).toEqual(['CT6103 a', 'CT6103 b', 'CT6103 c']);
    expect(proof.findings[0]?.answer).toBe('no positive control succeeded');
  });

  it('names a planned pair that nobody tried', async () => {
    const proof = await prove({ attempts: (from, victims) => victims.filter((to) => from + to !== 'ab').map((to) => look(from, to)) });
    expect(proof.findings).toMatchObject([{ probe: 'CT6103', from: 'a', to: 'b', why: 'an attack on this pair was planned' }]);
  });

  it('says a control that failed once', async () => {
    const proof = await prove({
      attempts: (from) => (from === 'a' ? [look('a', 'a', { control: true })] : [look(from, 'a'), look(from, from === 'b' ? 'c' : 'b')]),
    });
    expect(proof.findings).toMatchObject([{ probe: 'X-1', verdict: 'UNPROVEN', from: 'a', to: 'a' }]);
  });

  it('does not take catalogs of which nothing was judged for clean', async () => {
    const proof = await prove({ analysis: { analysed: 0 } });
    expect(proof.findings).toMatchObject([{ probe: 'CT6104', verdict: 'UNPROVEN', half: 'analysis' }]);
  });

  it('puts residual risks where they belong', async () => {
    const known = {
      probe: 'X-9',
      verdict: 'RESIDUAL',
      half: 'analysis',
      instance: 'main',
      from: null,
      to: null,
      statement: 's',
      answer: '',
      why: 'names are seen',
      fix: [],
    } as const;
    const proof = await prove({ analysis: { findings: [known], residual: [{ probe: 'X-8', instance: 'main', what: 'w' }] } });
    expect(proof.findings).toEqual([]);
    expect(proof.residual.map(({ what }) => what)).toEqual(['w', 'names are seen']);
  });
});

describe('half a proof', () => {
  it('keeps what the attack found, and calls no pair closed', async () => {
    const proof = await prove({
      analysis: lost,
      attempts: (from, victims) => victims.map((to) => look(from, to, from === 'a' && to === 'b' ? { outcome: 'succeeded' } : {})),
    });
    expect(proof.findings.map(({ probe, verdict, half }) => `${probe} ${verdict} ${half}`)).toEqual([
      'X-1 BREACH attack',
      'CT3004 UNPROVEN analysis',
    ]);
    expect(new Set(proof.cells.map(({ verdict }) => verdict))).toEqual(new Set(['BREACH', 'UNPROVEN']));
    expect(proof.diagnostics).toEqual(lost.diagnostics);
  });

  it('keeps what the catalogs say', async () => {
    const fact = {
      probe: 'X-1',
      verdict: 'BREACH',
      half: 'analysis',
      instance: 'main',
      from: 'a',
      to: 'b',
      statement: 's',
      answer: '',
      why: 'w',
      fix: [],
    } as const;
    const proof = await prove({ analysis: { findings: [fact] }, attempts: () => lost });
    expect(proof.findings.map(({ probe, verdict }) => `${probe} ${verdict}`)).toEqual(['X-1 BREACH', 'CT3004 UNPROVEN']);
  });

  it('does not hide a mistake of the program', async () => {
    await expect(
      prove({
        attempts: () => {
          throw new TypeError('no');
        },
      }),
    ).rejects.toThrow(TypeError);
  });
});

describe('the proof of one app', () => {
  it('has its pairs only, and what concerns everybody', async () => {
    const everybody = {
      probe: 'X-7',
      verdict: 'LEAK',
      half: 'analysis',
      instance: 'main',
      from: null,
      to: null,
      statement: 's',
      answer: '',
      why: 'w',
      fix: [],
    } as const;
    const others = { ...everybody, from: 'b', to: 'c' };
    const proof = await prove({ analysis: { findings: [everybody, others, { ...others, to: 'a' }] } }, { apps: ['a'] });
    expect(proof.findings.map(({ from, to }) => `${from} ${to}`)).toEqual(['null null', 'b a']);
    expect(proof.cells.every(({ from, to }) => from === 'a' || to === 'a')).toBe(true);
    expect(proof.attempts).toBe(4);
  });
});

it('stops where it is told to', async () => {
  const controller = new AbortController();
  const verifier = scripted({
    apps,
    attempts: (from, victims) => {
      controller.abort(new Error('interrupted'));
      return victims.map((to) => look(from, to));
    },
  });
  const subject = { instance: 'main', verifier, probes: [looking], expected: apps, signal: controller.signal };
  await expect(verifyInstance(subject, { seed: 1, exhaustive: false, destructive: false })).rejects.toThrow('interrupted');
});
