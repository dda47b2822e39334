import { type Finding, type Matrix, type Tries, type Verdict, verdicts, type VerifyReport } from '../model/index.ts';
import { count, namedApps, printable } from './printable.ts';
import { missingText } from './summary.ts';

/** What a reader of the report needs beside the report itself. */
export interface VerifyExtras {
  /** Instances that did not answer; why stands in their errors, below the report. */
  readonly unreached: readonly string[];
  /** What became of the attempts; left out: only what the report counts is told. */
  readonly tries?: Tries;
  /** Each residual risk, and not only how many there are. */
  readonly verbose?: boolean;
  /** The findings are about to be closed, so that nothing is said about how to do that. */
  readonly fixing?: boolean;
}

export const verdictMeaning: Record<Verdict, string> = {
  BREACH: 'data or commands reached',
  UNPROVEN: 'not proved',
  LATENT: 'a right that nobody can use yet',
  LEAK: 'information reached',
  STARVE: 'can take what others need',
  RESIDUAL: 'known, cannot be closed',
  BLOCKED: 'refused',
};

/** Where a statement is to be sent, as SQL says in a comment; '': anywhere on the server. */
export function placeOfLane(lane: string): string {
  const database = /^db:(.*)$/s.exec(lane)?.[1];
  return database === undefined ? '' : `-- in database ${printable(database)}`;
}

/** `blog → shop`; nobody named: any login; nothing named: the server; neither of them and not proved: the whole instance. */
export function pairText({ from, to, verdict }: Pick<Finding, 'from' | 'to' | 'verdict'>): string {
  if (from === null && to === null && verdict === 'UNPROVEN') return 'the whole instance';
  return `${from === null ? 'any login' : printable(from)} → ${to === null ? 'the server' : printable(to)}`;
}

/** The same for the same hole in every run. Which statement of an attack came through first depends on the choice of pairs. */
export function findingKey({ instance, probe, verdict, half, from, to, statement }: Finding): string {
  return JSON.stringify([instance, probe, verdict, from, to, ...(half === 'analysis' || half === 'both' ? [statement] : [half])]);
}

/** `1 BREACH, 2 UNPROVEN`, the worst first. */
function tally(findings: readonly Pick<Finding, 'verdict'>[]): string {
  return verdicts
    .map((verdict) => [verdict, findings.filter((finding) => finding.verdict === verdict).length] as const)
    .filter(([, n]) => n > 0)
    .map(([verdict, n]) => `${n} ${verdict}`)
    .join(', ');
}

/** The command that makes the same choice of pairs again. */
export function repeatCommand({ seed, scope }: VerifyReport): string {
  const flags = [
    ...(scope.apps ?? []).map((app) => `--app ${printable(app)}`),
    scope.exhaustive ? '--exhaustive' : '',
    scope.destructive ? '--destructive' : '',
  ];
  return ['cotenant verify', `--seed ${seed}`, ...flags].filter((part) => part !== '').join(' ');
}

/** `6 pairs: 4 closed (3 attempted, 1 by analysis only), 1 open as declared, 1 with findings`. */
export function pairsText(matrix: Matrix): string {
  const { pairs, tried, analysed, declared, bad } = matrix.counts();
  const parts = [
    `${tried + analysed} closed (${tried} attempted, ${analysed} by analysis only)`,
    declared > 0 ? `${declared} open as declared` : '',
    bad > 0 ? `${bad} with findings` : '',
  ];
  return `${count(pairs, 'pair')}: ${parts.filter((part) => part !== '').join(', ')}`;
}

/** The last line of a report for people. */
export function closingLine({ findings, scope, apps }: VerifyReport, { unreached }: VerifyExtras): string {
  const about = scope.apps === null ? '' : ` for ${namedApps(scope.apps)}`;
  // Of an instance that was not reached the only finding is why.
  const why = findings.map(({ probe, instance }) => ({ code: probe, severity: 'error' as const, message: '', instance }));
  const missing = unreached.length === 0 ? '' : ` ${missingText(unreached, why)}`;
  const ends = findings.filter(({ under }) => under !== undefined).length;
  if (findings.length > 0)
    return `${count(findings.length, 'finding')}${about}: ${tally(findings)}.${ends === 0 ? '' : ` ${ends} of them ${ends === 1 ? 'follows' : 'follow'} from others.`}${missing}`;
  return apps.length === 0 ? `No apps to verify.${missing}` : `Clean${about}: no way from one app to another was found.${missing}`;
}
