import { Command, Option } from 'commander';
import type { InitOptions, InitOutcome, Survey } from '../../app/init.ts';
import { printable } from '../../report/printable.ts';
import { type Bind, type Call, jsonMode } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { collect, collectNames, shared } from '../options.ts';
import { namedFile } from '../usage.ts';

const description = `Writes a cotenant.yaml to start from into this folder. It reads what is there: variables of the environment (DATABASE_URL, those of the servers’ containers and clients), a file .env, and the database services of a compose file. Passwords are referred to and never copied. Asks no server.

At a terminal it asks for the rest; elsewhere the options say it.

Example: cotenant init --app shop --app blog`;

export function initCommand(bind: Bind): Command {
  return new Command('init')
    .summary('write a first manifest')
    .description(description)
    .helpGroup('Getting started:')
    .option('--project <name>', 'the name of the project (default: made from the folder’s name)')
    .addOption(
      new Option('--engine <engine>', 'a local server of this engine, in place of what is there; may be repeated').argParser(collect),
    )
    .addOption(new Option('--url <url>', 'a server at this address, without a password; may be repeated').argParser(collect))
    .option('--password-env <name>', 'the variable with the password of --url')
    .addOption(
      new Option('--app <app>', 'an app, in place of those that are found; may be repeated, or several with commas').argParser(
        collectNames,
      ),
    )
    .option('--force', 'overwrite an existing file')
    .addOption(shared.noInput())
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(init, jsonMode));
}

async function init(call: Call): Promise<ExitCode> {
  const { io, options, output } = call;
  const { initManifest } = await import('../../app/init.ts');
  const file = namedFile(options);
  const wanted = { cwd: io.cwd, env: io.env, force: options.flag('force'), ...(file === undefined ? {} : { file }), ...given(call) };
  const answered = output.canAsk ? await asked(call, wanted) : wanted;
  if (answered === null) {
    output.note('Nothing was written.');
    return 7;
  }
  const outcome = await initManifest(answered);
  const [{ document }, { writeInit }] = await Promise.all([
    import('../../report/documents/document.ts'),
    import('../../report/documents/beginnings.ts'),
  ]);
  output.result({ text: () => '', json: () => document(writeInit({ format: 1, ...outcome, next: next(outcome) })) });
  for (const line of told(outcome)) output.note(line);
  return 0;
}

function given({ options }: Call): Partial<InitOptions> {
  const project = options.text('project');
  const passwordVariable = options.text('passwordEnv');
  const servers = [
    ...options.list('engine').map((engine) => ({ engine })),
    ...options.list('url').map((url) => ({ url, ...(passwordVariable === undefined ? {} : { passwordVariable }) })),
  ];
  const apps = options.list('app');
  return {
    ...(project === undefined ? {} : { project }),
    ...(servers.length === 0 ? {} : { servers }),
    ...(apps.length === 0 ? {} : { apps }),
  };
}

/** What no option says; null: the answers ended before. An empty answer takes what stands in brackets. */
async function asked({ output }: Call, options: InitOptions): Promise<InitOptions | null> {
  const { surveyFolder } = await import('../../app/init.ts');
  const seen = await surveyFolder(options);
  const state = { ended: false };
  const ask = async (question: string, usual: string): Promise<string> => {
    const answer = state.ended ? null : await output.ask(`${question}${usual === '' ? '' : ` [${usual}]`}: `);
    state.ended = answer === null;
    return answer || usual;
  };
  const answers = await answersOf(ask, seen, options);
  return state.ended ? null : answers;
}

async function answersOf(ask: Ask, seen: Survey, options: InitOptions): Promise<InitOptions> {
  const project = options.project ?? (await ask('Name of the project', seen.project));
  const servers = options.servers ?? (await askedServers(ask, seen));
  const found = servers === undefined ? [...new Set(seen.servers.flatMap((one) => Object.keys(one.apps)))] : [];
  const apps = options.apps ?? words(await ask('Apps, separated by commas', found.length > 0 ? found.join(', ') : project));
  return { ...options, project, apps, ...(servers === undefined ? {} : { servers }) };
}

type Ask = (question: string, usual: string) => Promise<string>;

/** undefined: what was found is taken. */
async function askedServers(
  ask: Ask,
  {
    servers,
    engines,
  }: { readonly servers: readonly { readonly title: string; readonly from: string }[]; readonly engines: readonly string[] },
): Promise<InitOptions['servers']> {
  if (servers.length > 0) {
    const list = servers.map(({ title, from }) => `${title} (${from})`).join(', ');
    if (/^y(es)?$/i.test(await ask(`Found ${printable(list)}. Use it? y or n`, 'y'))) return undefined;
  }
  const chosen: { engine?: string; url?: string; passwordVariable?: string }[] = [];
  for (const engine of words(await ask(`Servers, separated by commas: ${engines.join(', ')}`, engines[0] ?? ''))) {
    const url = await ask(`Address of the ${printable(engine)} server, without a password (empty: cotenant runs one here)`, '');
    if (url === '') chosen.push({ engine });
    else {
      const passwordVariable = await ask('Variable with the password of its admin (empty: none)', '');
      chosen.push({ engine, url, ...(passwordVariable === '' ? {} : { passwordVariable }) });
    }
  }
  return chosen;
}

function words(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

function next({ file, local }: InitOutcome): string {
  return `cotenant ${local ? 'up' : 'plan'}${file === 'cotenant.yaml' ? '' : ` --file ${file}`}`;
}

function told(outcome: InitOutcome): readonly string[] {
  const { file, apps, found, notes, toSet } = outcome;
  return [
    ...found.map(({ instance, title, from }) => `Found ${title} in ${from}: instance ${instance}.`),
    ...notes,
    ...toSet.map(({ variable, from }) =>
      from === '' ? `Set ${variable} before the next command.` : `Set ${variable} before the next command: ${from} has it, or asks for it.`,
    ),
    `Wrote ${file} with ${apps.join(', ')}. Next: edit it, then ${next(outcome)}`,
  ].map(printable);
}
