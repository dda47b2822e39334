import { type Cell, type Finding, isClosed, type Sparse, type VerifyReport } from '../model/index.ts';
import { pairText, placeOfLane, repeatCommand } from './verify-words.ts';
import { element, xmlText } from './xml.ts';

interface Case {
  readonly suite: string;
  readonly name: string;
  readonly kind: 'passed' | 'failure' | 'error' | 'skipped';
  readonly type?: string;
  readonly message?: string;
  readonly detail?: string;
}

/**
 * The proof as JUnit XML: a test case for each pair and each finding, in a suite for each instance. What could not be
 * tried is an error, the rest a failure; relaxations and residual risks stand there as skipped. Ends with a line end.
 */
export function verifyJunit(report: VerifyReport): string {
  const cases = [
    ...report.cells.map(cellCase),
    ...report.sparse.map(restCase),
    ...report.findings.map(findingCase),
    ...report.relaxations.map(
      ({ instance, app, name, opens }): Case => ({
        suite: instance,
        name: `relaxation ${name} of ${app ?? 'all apps'}`,
        kind: 'skipped',
        message: opens,
      }),
    ),
    ...report.residual.map(
      ({ instance, probe, what }): Case => ({ suite: instance, name: `residual risk ${probe}`, kind: 'skipped', message: what }),
    ),
  ];
  const suites = [...Map.groupBy(cases, ({ suite }) => suite)].map(([suite, own]) => suiteXml(suite, own, report));
  const root = element('testsuites', { name: 'cotenant verify', ...totals(cases) }, suites.length === 0 ? [] : ['\n', ...suites]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function suiteXml(suite: string, cases: readonly Case[], report: VerifyReport): string {
  const properties = [
    element('property', { name: 'seed', value: report.seed }),
    element('property', { name: 'repeat', value: repeatCommand(report) }),
  ];
  const body = [element('properties', {}, properties), ...cases.map((one) => caseXml(one))].map((line) => `    ${line}\n`);
  return `  ${element('testsuite', { name: suite, ...totals(cases) }, ['\n', ...body, '  '])}\n`;
}

function totals(cases: readonly Case[]): Readonly<Record<string, number>> {
  const tally = (kind: Case['kind']): number => cases.filter((one) => one.kind === kind).length;
  return { tests: cases.length, failures: tally('failure'), errors: tally('error'), skipped: tally('skipped') };
}

function caseXml({ suite, name, kind, type, message, detail }: Case): string {
  const attributes = { ...(type === undefined ? {} : { type }), ...(message === undefined ? {} : { message }) };
  const content = kind === 'passed' ? [] : [element(kind, attributes, detail === undefined ? [] : [xmlText(detail)])];
  return element('testcase', { classname: suite, name, time: 0 }, content);
}

function cellCase(cell: Cell): Case {
  const name = pairText(cell);
  if (isClosed(cell)) return { suite: cell.instance, name, kind: 'passed' };
  return { suite: cell.instance, name, kind: kindOf(cell.verdict), type: cell.verdict, message: `${cell.verdict}: see the findings` };
}

/** All pairs that have no case of their own. */
function restCase({ instance, verdict }: Sparse): Case {
  const name = 'every other pair';
  if (isClosed({ verdict })) return { suite: instance, name, kind: 'passed' };
  return { suite: instance, name, kind: kindOf(verdict), type: verdict, message: `${verdict}: see the findings` };
}

function findingCase(finding: Finding): Case {
  const { instance, probe, verdict, statement, answer, why, fix } = finding;
  const closes = fix.map(({ statement: { text }, lane }) => `closes it: ${text} ${placeOfLane(lane)}`.trimEnd());
  const detail = [`statement: ${statement}`, `answer: ${answer}`, `why: ${why}`, ...closes].join('\n');
  const name = `${probe} ${pairText(finding)}: ${statement}`;
  return { suite: instance, name, kind: kindOf(verdict), type: verdict, message: `${verdict}: ${answer}`, detail };
}

function kindOf(verdict: Finding['verdict']): 'failure' | 'error' {
  return verdict === 'UNPROVEN' ? 'error' : 'failure';
}
