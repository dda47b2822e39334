import type { Location, Log, ReportingDescriptor, Result } from 'sarif';
import type { Codes, Finding, ProbeText, Relaxation, Residual, Verdict, VerifyReport } from '../model/index.ts';
import { lookUp } from '../util/record.ts';
import { document } from './documents/document.ts';
import { printable, printableLines } from './printable.ts';
import { findingKey, pairText, placeOfLane, repeatCommand, verdictMeaning, type VerifyExtras } from './verify-words.ts';

export interface SarifContext extends VerifyExtras {
  /** Of cotenant. */
  readonly version: string;
  readonly rules: readonly ProbeText[];
  /** What findings mean that are no probe's. */
  readonly codes: Codes;
  /** The manifest, relative to the folder that the reader takes for the root, with slashes. */
  readonly manifest: string;
  /** Line of an app in the manifest; null: it has none of its own. */
  line(app: string): number | null;
}

const levels: Record<Verdict, 'error' | 'warning' | 'note'> = {
  BREACH: 'error',
  UNPROVEN: 'error',
  LATENT: 'warning',
  LEAK: 'warning',
  STARVE: 'warning',
  RESIDUAL: 'note',
  BLOCKED: 'note',
};

const relaxationRule = 'relaxation';

/** The proof as SARIF 2.1.0: probes are rules, the manifest is the artifact. Relaxations are suppressed results, residual risks notes. */
export function verifySarif(report: VerifyReport, context: SarifContext): string {
  const rules = rulesOf(report, context);
  const index = new Map(rules.map(({ id }, at) => [id, at]));
  const results = [
    ...report.findings.map((finding) => findingResult(finding, context)),
    ...report.residual.map((residual) => residualResult(residual, context)),
    ...report.relaxations.map((relaxation) => relaxationResult(relaxation, context)),
  ].map((result): Result => ({ ...result, ruleIndex: index.get(result.ruleId ?? '') ?? -1 }));
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'cotenant', semanticVersion: context.version, rules } },
        automationDetails: { id: 'cotenant/verify/' },
        invocations: [{ executionSuccessful: context.unreached.length === 0, commandLine: repeatCommand(report) }],
        artifacts: [{ location: { uri: uriOf(context.manifest) } }],
        results,
        columnKind: 'utf16CodeUnits',
        properties: { seed: report.seed, counts: report.counts },
      },
    ],
  };
  return document(log);
}

function rulesOf(report: VerifyReport, { rules, codes }: Pick<SarifContext, 'rules' | 'codes'>): ReportingDescriptor[] {
  const known = new Set(rules.map(({ id }) => id));
  const others = [...report.findings, ...report.residual].map(({ probe }) => probe).filter((id) => !known.has(id));
  const relaxation = report.relaxations.length === 0 ? [] : [plainRule(relaxationRule, 'A wall that the manifest opens')];
  return [
    ...rules.map(probeRule),
    ...[...new Set(others)].map((id) => plainRule(id, lookUp(codes, id)?.title ?? id, lookUp(codes, id)?.explanation)),
    ...relaxation,
  ];
}

function probeRule({ id, title, attack, example, why, hardening, verdict }: ProbeText): ReportingDescriptor {
  const help = `${attack}\n\n${example}\n\n${why}\n\n${hardening}`;
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: attack },
    help: { text: help },
    defaultConfiguration: { level: levels[verdict] },
    properties: { tags: ['security', 'isolation'], verdict },
  };
}

function plainRule(id: string, title: string, explanation?: string): ReportingDescriptor {
  return { id, shortDescription: { text: title }, ...(explanation === undefined ? {} : { fullDescription: { text: explanation } }) };
}

function findingResult(finding: Finding, context: SarifContext): Result {
  const { probe, verdict, half, instance, from, to, statement, answer, why, fix } = finding;
  const closes = fix.map(({ statement: { text }, lane }) => `Closed by: ${text} ${placeOfLane(lane)}`.trimEnd());
  const text = [
    `${verdict} (${verdictMeaning[verdict]}): ${pairText(finding)} on ${printable(instance)}. ${why}`.trim(),
    `Statement: ${statement}`,
    `Answer: ${answer}`,
    ...closes,
  ];
  return {
    ruleId: probe,
    level: levels[verdict],
    message: { text: printableLines(text.join('\n')) },
    locations: [place([to, from], instance, context)],
    partialFingerprints: { 'cotenantFinding/v1': findingKey(finding) },
    properties: { verdict, half, instance, from, to, fix: fix.map(({ lane, statement: { text } }) => ({ lane, statement: text })) },
  };
}

function residualResult({ probe, instance, what }: Residual, context: SarifContext): Result {
  return {
    ruleId: probe,
    level: 'note',
    message: { text: printableLines(`Residual risk on ${instance}: ${what}`) },
    locations: [place([], instance, context)],
    partialFingerprints: { 'cotenantFinding/v1': JSON.stringify([instance, probe, 'RESIDUAL', what]) },
  };
}

function relaxationResult({ app, instance, name, opens }: Relaxation, context: SarifContext): Result {
  return {
    ruleId: relaxationRule,
    level: 'note',
    message: { text: printableLines(`${name} of ${app ?? 'all apps'} on ${instance}: ${opens}`) },
    locations: [place([app], instance, context)],
    suppressions: [{ kind: 'external', justification: 'the manifest declares it' }],
    partialFingerprints: { 'cotenantFinding/v1': JSON.stringify([instance, relaxationRule, app, name]) },
  };
}

/** The first of the apps that the manifest has a line for, and whom it is about. */
function place(apps: readonly (string | null)[], instance: string, context: SarifContext): Location {
  const startLine = apps.map((app) => (app === null ? null : context.line(app))).find((found) => found !== null) ?? 1;
  const names = apps.filter((app) => app !== null);
  return {
    physicalLocation: { artifactLocation: { uri: uriOf(context.manifest), index: 0 }, region: { startLine } },
    logicalLocations: (names.length === 0 ? [''] : names).map((app) => ({
      name: printable(app === '' ? instance : app),
      fullyQualifiedName: printable(app === '' ? instance : `${instance}/${app}`),
    })),
  };
}

function uriOf(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
}
