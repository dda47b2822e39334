import { describe, expect, it } from 'vitest';
import { coreCodes } from '../model/catalogue.ts';
import { finding, manyApps, sample } from '../../test/support/verify-sample.ts';
import type { ProbeText, VerifyReport } from '../model/index.ts';
import { verifyJson, verifyJsonLine } from './verify-json.ts';
import { verifyJunit } from './verify-junit.ts';
import { type SarifContext, verifySarif } from './verify-sarif.ts';
import { element, xmlAttribute, xmlText } from './xml.ts';

const beside = { unreached: [], diagnostics: [], exitCode: 2 };

describe('a proof in JSON', () => {
  it('has findings, and apart from them relaxations and residual risks', () => {
    const document: unknown = JSON.parse(verifyJson({ ...beside, report: sample() }));
    expect(document).toMatchObject({ format: 1, exitCode: 2, seed: 42, scope: { apps: null }, counts: { attempts: 7 }, unreached: [] });
    expect(document).toMatchObject({ ...sample() });
    expect(document).not.toHaveProperty('fix');
  });

  it('gives the same bytes for the same report, whatever the order of its keys', () => {
    const turned = finding();
    const other = Object.fromEntries(Object.entries(turned).reverse()) as unknown as typeof turned;
    expect(verifyJson({ ...beside, report: sample({ findings: [other] }) })).toBe(
      verifyJson({ ...beside, report: sample({ findings: [turned] }) }),
    );
  });

  it('is one line with its time in a watch, also where a round came to nothing', () => {
    const line = verifyJsonLine('2026-01-02T03:04:05.000Z', { ...beside, report: sample() }, [], 2);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line)).toMatchObject({ time: '2026-01-02T03:04:05.000Z', format: 1, seed: 42 });
    const nothing = verifyJsonLine('t', null, [{ code: 'CT1001', severity: 'error', message: 'no' }], 1);
    expect(JSON.parse(nothing)).toEqual({
      time: 't',
      format: 1,
      ending: 'failed',
      exitCode: 1,
      diagnostics: [{ code: 'CT1001', severity: 'error', message: 'no' }],
    });
  });
});

describe('XML', () => {
  it.each([
    ['a & b < c > d', 'a &amp; b &lt; c &gt; d'],
    [`"x" 'y'`, '&quot;x&quot; &apos;y&apos;'],
    [']]>', ']]&gt;'],
    ['a\u0000b\u001b[0m', 'a\\u0000b\\u001b[0m'],
    ['line\r\nline\ttab', 'line\\u000d\nline\ttab'],
    ['\ud800 half', '\ufffd half'],
    ['\uffff\ufffe', '\ufffd\ufffd'],
    ['é → 😀', 'é → 😀'],
    ['&amp;', '&amp;amp;'],
  ])('text %j is %j', (text, xml) => expect(xmlText(text)).toBe(xml));

  it('keeps line ends and tabs of an attribute', () => expect(xmlAttribute('a\n\tb<')).toBe('a&#10;&#9;b&lt;'));

  it('makes elements with and without content', () => {
    expect(element('a', { b: 'c"', d: 1 })).toBe('<a b="c&quot;" d="1"/>');
    expect(element('a', {}, ['x', '<b/>'])).toBe('<a>x<b/></a>');
  });
});

describe('a proof in JUnit', () => {
  it('has a test case for each pair and each finding, and skips what is accepted', () => {
    expect(verifyJunit(sample())).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="cotenant verify" tests="11" failures="3" errors="0" skipped="3">
  <testsuite name="main" tests="10" failures="3" errors="0" skipped="2">
    <properties><property name="seed" value="42"/><property name="repeat" value="cotenant verify --seed 42"/></properties>
    <testcase classname="main" name="shop → blog" time="0"><failure type="BREACH" message="BREACH: see the findings"/></testcase>
    <testcase classname="main" name="shop → stats" time="0"/>
    <testcase classname="main" name="blog → shop" time="0"/>
    <testcase classname="main" name="blog → stats" time="0"/>
    <testcase classname="main" name="stats → shop" time="0"/>
    <testcase classname="main" name="stats → blog" time="0"/>
    <testcase classname="main" name="X-1 shop → blog: SELECT 1 FROM blog.posts" time="0"><failure type="BREACH" message="BREACH: 1 row">statement: SELECT 1 FROM blog.posts
answer: 1 row
why: What others wrote is read.
closes it: REVOKE SELECT
ON blog.posts FROM shop -- in database blog</failure></testcase>
    <testcase classname="main" name="X-7 blog → the server: no limit on sessions" time="0"><failure type="STARVE" message="STARVE: ">statement: no limit on sessions
answer: 
why: What others wrote is read.</failure></testcase>
    <testcase classname="main" name="relaxation locks: allow of shop" time="0"><skipped message="locks are shared"/></testcase>
    <testcase classname="main" name="residual risk X-R1" time="0"><skipped message="names are seen by all"/></testcase>
  </testsuite>
  <testsuite name="side" tests="1" failures="0" errors="0" skipped="1">
    <properties><property name="seed" value="42"/><property name="repeat" value="cotenant verify --seed 42"/></properties>
    <testcase classname="side" name="residual risk X-R1" time="0"><skipped message="names are seen by all"/></testcase>
  </testsuite>
</testsuites>
`);
  });

  it('calls an error what could not be tried', () => {
    const unproven = sample({ cells: [], findings: [finding({ verdict: 'UNPROVEN' })], relaxations: [], residual: [] });
    expect(verifyJunit(unproven)).toContain('<testsuites name="cotenant verify" tests="1" failures="0" errors="1" skipped="0">');
    expect(verifyJunit(unproven)).toContain('<error type="UNPROVEN"');
  });

  it('is a document where there is nothing at all', () => {
    expect(verifyJunit({ ...manyApps(0) })).toMatch(
      /<testsuites name="cotenant verify" tests="0" failures="0" errors="0" skipped="0"\/>\n$/,
    );
  });
});

interface Sarif {
  readonly version: string;
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } };
      readonly invocations: readonly [{ readonly executionSuccessful: boolean }];
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly locations: readonly [
          {
            readonly physicalLocation: {
              readonly artifactLocation: { readonly uri: string };
              readonly region: { readonly startLine: number };
            };
          },
        ];
        readonly suppressions?: readonly unknown[];
        readonly partialFingerprints: Readonly<Record<string, string>>;
      }[];
    },
  ];
}

describe('a proof in SARIF', () => {
  const rule: ProbeText = {
    id: 'X-1',
    title: 'Read',
    attack: 'It reads.',
    example: 'SELECT',
    why: 'w',
    hardening: 'h',
    verdict: 'BREACH',
  };
  const context: SarifContext = {
    version: '1.2.3',
    rules: [rule],
    codes: coreCodes,
    manifest: 'ops/my tenants.yaml',
    line: (app) => (app === 'blog' ? 12 : app === 'shop' ? 9 : null),
    unreached: [],
  };
  const sarif = (report: VerifyReport, more: Partial<SarifContext> = {}) =>
    JSON.parse(verifySarif(report, { ...context, ...more })) as Sarif;

  it('has a rule for each probe, and every result points at its rule', () => {
    const { version, runs } = sarif(sample());
    const [{ tool, results, invocations }] = runs;
    expect(version).toBe('2.1.0');
    expect(tool.driver.name).toBe('cotenant');
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(['X-1', 'X-7', 'X-R1', 'relaxation']);
    expect(results).toHaveLength(5);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    expect(invocations[0].executionSuccessful).toBe(true);
    expect(sarif(sample(), { unreached: ['side'] }).runs[0].invocations[0].executionSuccessful).toBe(false);
  });

  it('gives levels by verdict', () => {
    const verdicts = ['BREACH', 'UNPROVEN', 'LEAK', 'STARVE'] as const;
    const { results } = sarif(sample({ findings: verdicts.map((verdict) => finding({ verdict })) })).runs[0];
    expect(results.map(({ level }) => level)).toEqual(['error', 'error', 'warning', 'warning', 'note', 'note', 'note']);
  });

  it('points at the app that is reached, or else the one that reaches, in the manifest', () => {
    const { results } = sarif(sample({ findings: [finding(), finding({ to: null }), finding({ from: null, to: null })] })).runs[0];
    expect(results.slice(0, 3).map(({ locations: [{ physicalLocation }] }) => physicalLocation.region.startLine)).toEqual([12, 9, 1]);
    for (const { locations } of results) expect(locations[0].physicalLocation.artifactLocation.uri).toBe('ops/my%20tenants.yaml');
  });

  it('marks what the manifest opens as accepted, and nothing else', () => {
    const { results } = sarif(sample()).runs[0];
    expect(results.filter(({ suppressions }) => suppressions !== undefined).map(({ ruleId }) => ruleId)).toEqual(['relaxation']);
  });

  it('says in the message what closes it', () => {
    expect(sarif(sample()).runs[0].results[0]?.message.text).toContain(
      'Closed by: REVOKE SELECT\nON blog.posts FROM shop -- in database blog',
    );
  });

  it('knows a finding again, whatever an attack tried first', () => {
    const prints = (one: VerifyReport) => sarif(one).runs[0].results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
    const attack = (statement: string) => sample({ findings: [finding({ half: 'attack', statement })] });
    expect(prints(attack('a'))).toEqual(prints(attack('b')));
    expect(new Set(prints(sample())).size).toBe(5);
  });

  it('gives what is no probe the words of the catalogue', () => {
    const { rules } = sarif(sample({ findings: [finding({ probe: 'CT6102' })] })).runs[0].tool.driver;
    expect(rules.find(({ id }) => id === 'CT6102')).toMatchObject({ shortDescription: { text: 'No login to attack with' } });
  });
});
