import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { renderJson, renderText } from '../../report/render-text.ts';
import { type Bind, type Call, jsonMode, openOptions } from '../call.ts';
import { renderEdited, renderForeign } from '../codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { collectNames, shared } from '../options.ts';
import type { Diagnostic } from '../../model/index.ts';
import type { RenderOutcome } from '../../app/render/render.ts';

// Spelled out here so that the command tree loads without what rendering needs.
const targets = ['compose', 'config', 'pooler', 'monitoring', 'env'] as const;
const strategies = ['hybrid', 'single', 'separate'] as const;
const sizes = ['minimum', 'recommended', 'high'] as const;

export function renderCommand(bind: Bind): Command {
  return new Command('render')
    .summary('write the files of a deployment')
    .description(
      'Makes compose files, configuration of the servers and environments of the apps from the manifest. A second run changes nothing. Files bear a mark: one that was changed by hand, or that is not of cotenant, is told and left as it is (exit code 3). Asks no server. With --check nothing is written: exit code 2 where something on disk differs.\n\nExample: cotenant render --out deploy',
    )
    .helpGroup('Getting started:')
    .addOption(
      new Option('--target <target>', `only these files: ${targets.join(', ')}; may be repeated, or several with commas`).argParser(
        parseTargets,
      ),
    )
    .option('--out <folder>', 'where the files go', 'deploy')
    .option('--check', 'write nothing, and tell what differs')
    .addOption(
      new Option('--strategy <strategy>', 'servers in one file and each app in its own; all in one; or servers for each app')
        .choices(strategies)
        .default('hybrid'),
    )
    .addOption(new Option('--size <size>', 'memory and processors of each server').choices(sizes).default('recommended'))
    .addOption(new Option('--external <instance>', 'this server is elsewhere; may be repeated').argParser(collectNames))
    .addOption(
      new Option('--publish <instance:port>', 'publish a server on this port of the loopback address; may be repeated').argParser(
        parsePublish,
      ),
    )
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(renderNow, jsonMode));
}

function parseTargets(value: string, previous: unknown): string[] {
  const names = collectNames(value, previous);
  const wrong = names.find((name) => !targets.some((one) => one === name));
  if (wrong !== undefined) throw new InvalidArgumentError(`Use ${targets.join(', ')}.`);
  return names;
}

function parsePublish(value: string, previous: unknown): string[] {
  const port = Number(/^[^:]+:(\d{1,5})$/.exec(value)?.[1] ?? 0);
  if (port < 1 || port > 65_535) throw new InvalidArgumentError('Use the name of an instance and a port, as main:15432.');
  return collectNames(value, previous);
}

async function renderNow(call: Call): Promise<ExitCode> {
  const { options, output, io } = call;
  const [{ openProject }, { render }] = await Promise.all([import('../../app/project.ts'), import('../../app/render/render.ts')]);
  const opening = await openOptions(call);
  const project = await openProject(opening);
  output.diagnostics(project.diagnostics);
  const out = options.text('out') ?? 'deploy';
  const check = options.flag('check');
  const meant = options.list('target');
  const outcome = await render(project, {
    out: resolve(io.cwd, out),
    strategy: strategies.find((one) => one === options.text('strategy')) ?? 'hybrid',
    size: sizes.find((one) => one === options.text('size')) ?? 'recommended',
    targets: targets.filter((one) => meant.includes(one)),
    external: options.list('external'),
    publish: new Map(
      options.list('publish').map((one) => [one.slice(0, one.lastIndexOf(':')), Number(one.slice(one.lastIndexOf(':') + 1))]),
    ),
    check,
    version: io.version,
    ...(opening.source === undefined ? {} : { source: opening.source }),
  });
  const report = { out, check, ...outcome };
  output.result({ text: (style) => renderText(report, style), json: () => renderJson(report) });
  for (const note of outcome.notes) output.note(note);
  output.diagnostics(kept(outcome, out, check));
  return exitOf(outcome, check);
}

/** What was left as it is, since it is somebody's. */
function kept({ files }: RenderOutcome, out: string, check: boolean): readonly Diagnostic[] {
  return files.flatMap(({ path, state }): readonly Diagnostic[] => {
    if (state !== 'edited' && state !== 'foreign') return [];
    const message = state === 'edited' ? `${out}/${path} was changed by hand` : `${out}/${path} is not of cotenant render`;
    const hint = 'move it away to have it written anew; what is your own goes where docs/render.md says';
    return [
      {
        code: state === 'edited' ? renderEdited : renderForeign,
        severity: 'warning',
        message: check ? message : `${message}, and stays as it is`,
        hint,
      },
    ];
  });
}

function exitOf({ files }: RenderOutcome, check: boolean): ExitCode {
  if (check) return files.some(({ state }) => state !== 'same' && state !== 'left') ? 2 : 0;
  return files.some(({ state }) => state === 'edited' || state === 'foreign') ? 3 : 0;
}
