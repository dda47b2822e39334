import { relative, sep } from 'node:path';
import type { Ending, Project } from '../app/types.ts';
import type { VerifyOutcome, VerifyRequest } from '../app/verify.ts';
import type { StepResult } from '../model/index.ts';
import { verifyJson } from '../report/verify-json.ts';
import { verifyText } from '../report/verify-text.ts';
import type { Call, OutputMode } from './call.ts';
import type { ExitCode } from './exit-codes.ts';
import { writeWhole } from './files.ts';
import { onlyApps, outputOf, type Options } from './options.ts';

export const verifyFormats = ['text', 'json', 'junit', 'sarif'] as const;
type VerifyFormat = (typeof verifyFormats)[number];

/** What was sent before the last proof. */
export interface Fixed {
  readonly ending: Ending;
  readonly results: readonly StepResult[];
}

export function requestOf(call: Call): VerifyRequest {
  const { options } = call;
  const seed = options.number('seed');
  const deadline = options.number('deadline');
  return {
    exhaustive: options.flag('exhaustive'),
    destructive: options.flag('destructive'),
    ...onlyApps(options),
    ...(seed === undefined ? {} : { seed }),
    ...(deadline === undefined ? {} : { deadline }),
  };
}

/** The form that was asked for; it goes to the file where there is one. */
export function formatOf(options: Options): VerifyFormat {
  return verifyFormats.find((format) => format === outputOf(options)) ?? 'text';
}

export function verifyMode(options: Options): OutputMode {
  const format = formatOf(options);
  if (options.flag('json')) return 'json';
  if (format === 'text' || options.text('out') !== undefined) return 'text';
  return format === 'json' ? 'json' : 'file';
}

/** The report on stdout, where that is for people. */
export function show(call: Call, outcome: VerifyOutcome): void {
  if (verifyMode(call.options) !== 'text') return;
  const fixing = call.options.flag('fix');
  const { report, unreached, tries } = outcome;
  const verbose = call.options.flag('verbose');
  // What is closed now, or looked at again and again, is not to be read behind a pager.
  const isLast = !fixing && !call.options.flag('watch') && call.options.number('watch') === undefined;
  call.output.result({
    text: (style) => verifyText(report, { unreached, tries, fixing, verbose }, style),
    json: () => '',
    ...(isLast ? { paged: true as const } : {}),
  });
  call.output.diagnostics(outcome.diagnostics);
}

export interface Published {
  readonly code: ExitCode;
  readonly fix?: Fixed;
}

/** Prints the report where stdout is not for people, and writes it to the file that was named. */
export async function publish(call: Call, project: Project, outcome: VerifyOutcome, how: Published): Promise<ExitCode> {
  const { options, output } = call;
  if (verifyMode(options) !== 'text') {
    const report = await render(call, project, outcome, how);
    output.result({ text: () => '', json: () => report });
  }
  output.diagnostics(outcome.diagnostics);
  await save(call, project, outcome, how);
  return how.code;
}

/** Writes the report to the file that was named. */
export async function save(call: Call, project: Project, outcome: VerifyOutcome, how: Published): Promise<void> {
  const out = call.options.text('out');
  if (out !== undefined) await writeWhole(call.io.cwd, out, await render(call, project, outcome, how), 0o644);
}

async function render(call: Call, project: Project, outcome: VerifyOutcome, { code, fix }: Published): Promise<string> {
  const { report, unreached, tries, diagnostics, probes } = outcome;
  const format = formatOf(call.options);
  switch (format) {
    case 'text':
      return verifyText(report, { unreached, tries, verbose: true });
    case 'json':
      return verifyJson({ report, unreached, diagnostics, exitCode: code, ...(fix === undefined ? {} : { fix }) });
    case 'junit':
      return (await import('../report/verify-junit.ts')).verifyJunit(report);
    case 'sarif': {
      const { verifySarif } = await import('../report/verify-sarif.ts');
      const manifest = relative(call.io.cwd, project.manifest.file).split(sep).join('/');
      const codes = await (await import('../app/codes.ts')).diagnosticCodes();
      const line = (app: string): number | null => lineOf(project, app);
      return verifySarif(report, { version: call.io.version, rules: probes, codes, unreached, manifest, line });
    }
  }
}

function lineOf(project: Project, name: string): number | null {
  const found = [...project.manifest.apps, ...project.manifest.readers].find((one) => one.name === name);
  if (found === undefined) return null;
  return project.locate({ code: '', severity: 'info', message: '', path: found.path }).location?.line ?? null;
}
