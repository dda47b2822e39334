import type { Diagnostic, LintFinding, RenderedMigration } from '../model/index.ts';
import { prose } from './columns.ts';
import { document } from './documents/document.ts';
import { writeAdopted, writeReady, writeRendered } from './documents/migrations.ts';
import { foundText } from './lint-text.ts';
import { count, printable, printableLines } from './printable.ts';
import { plain, type Style } from './style.ts';

interface Planned {
  readonly migrations: readonly RenderedMigration[];
  /** Of these, how many the rules have looked at. */
  readonly revisions: number;
  readonly findings: readonly LintFinding[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The SQL of each revision under its name, as it could be pasted: what the rules find in it stands above it, as comments. */
export function renderedText({ migrations, revisions, findings }: Planned, style: Style = plain): string {
  if (migrations.length === 0) return 'Nothing is pending.\n';
  const parts = migrations.map(({ app, revision, file, transaction, sql }) => {
    const head = `-- ${printable(app)} ${printable(revision)}${transaction ? '' : ' (outside of a transaction)'}: ${printable(file)}`;
    const found = findings.filter((one) => one.app === app && one.revision === revision && one.file === file);
    return `${[style.dim(head), ...found.flatMap((one) => findingLines(one, style)), printableLines(sql.trimEnd())].join('\n')}\n`;
  });
  if (revisions > 0) parts.push(`${style.bold(`-- ${foundText(revisions, findings)}`)}\n`);
  return parts.join('\n');
}

function findingLines({ severity, rule, line, message, instead }: LintFinding, style: Style): readonly string[] {
  const paint = severity === 'error' ? style.bad : style.warn;
  return [
    paint(`-- ${severity} ${printable(rule)}, line ${line}: ${printable(message)}`),
    style.dim(`--   instead: ${printable(instead)}`),
  ];
}

export function renderedJson(planned: Planned): string {
  return document(writeRendered({ format: 1, ...planned }));
}

interface Adopted {
  readonly app: string;
  readonly adopted: boolean;
  readonly current: readonly string[];
  readonly pending: readonly string[];
  readonly wrong: readonly string[];
}

export function adoptText({ app, adopted, current, pending, wrong }: Adopted, style: Style = plain): string {
  if (!adopted) {
    const lines = wrong.map((what) => prose(printable(what), 2, style, Infinity));
    return `${[style.bad(`${printable(app)} cannot be taken as it is:`), ...lines].join('\n')}\n`;
  }
  const at = current.length === 0 ? 'its beginning' : printable(current.join(', '));
  const rest = pending.length === 0 ? 'nothing is pending' : `${count(pending.length, 'revision')} pending`;
  return `${style.good(prose(`${printable(app)} is taken as it is: it stands at ${at}, ${rest}.`, 0, style, Infinity))}\n`;
}

export function adoptJson(report: Adopted): string {
  return document(writeAdopted({ format: 1, ...report }));
}

interface Ready {
  readonly app: string;
  readonly ready: boolean;
  readonly missing: readonly { readonly what: string; readonly command: string }[];
  readonly diagnostics: readonly Diagnostic[];
}

export function readyText({ app, ready, missing }: Ready, style: Style = plain): string {
  if (ready) return `${style.good(`${printable(app)} is ready.`)}\n`;
  const lines = missing.map(({ what, command }) => prose(printable(`${what}; run ${command}`), 2, style, Infinity));
  return `${[style.bad(`${printable(app)} is not ready${lines.length === 0 ? '.' : ':'}`), ...lines].join('\n')}\n`;
}

export function readyJson(report: Ready): string {
  return document(writeReady({ format: 1, ...report }));
}
