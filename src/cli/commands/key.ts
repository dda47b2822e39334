import { Command, InvalidArgumentError, Option } from 'commander';
import type { KeyScope } from '../../model/index.ts';
import { type Bind, type Call, jsonMode, openCall, required } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { shared } from '../options.ts';
import { UsageError } from '../usage.ts';

const example = 'Example: cotenant key create grafana --scope read';

export function keyCommand(bind: Bind): Command {
  return new Command('key')
    .summary('make and revoke keys of serve')
    .description(
      `Manages the keys that \`serve\` accepts. A key is shown once; only its SHA-256 is kept, in .cotenant/keys.json beside the manifest.\n\n${example}`,
    )
    .helpGroup('Other commands:')
    .helpCommand(false)
    .addCommand(createCommand(bind))
    .addCommand(listCommand(bind))
    .addCommand(revokeCommand(bind));
}

function createCommand(bind: Bind): Command {
  return new Command('create')
    .summary('make a key, and print it this once')
    .description(
      `Makes a key for \`serve\` and prints it on standard output. It is not shown again.\n\nA key with the scope read shows everything; operate also starts what changes something; app:NAME shows what concerns one app.\n\n${example}`,
    )
    .argument('<name>', 'what it is for: letters, digits, dots, - and _')
    .addOption(new Option('--scope <scope>', 'read, operate, or app: and the name of an app').argParser(parseScope).makeOptionMandatory())
    .addOption(
      new Option('--expires <lifetime>', 'how long it lasts, such as 12h, 90d or never').argParser(parseLifetime).default(null, '90d'),
    )
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(create, jsonMode));
}

function listCommand(bind: Bind): Command {
  return new Command('list')
    .summary('show the keys: scope, expiry and last use')
    .description('Shows the keys of this project, without the keys themselves.\n\nExample: cotenant key list')
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(list, jsonMode, { readOnly: true }));
}

function revokeCommand(bind: Bind): Command {
  return new Command('revoke')
    .summary('make a key useless')
    .description('Removes a key. A `serve` that runs refuses it from its next request on.\n\nExample: cotenant key revoke grafana')
    .argument('<name>', 'the name of the key')
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(revoke, jsonMode));
}

function parseScope(text: string): KeyScope {
  if (text === 'read' || text === 'operate') return text;
  if (/^app:./s.test(text)) return `app:${text.slice('app:'.length)}`;
  throw new InvalidArgumentError('Use read, operate, or app: and the name of an app.');
}

const DAY = 86_400_000;
const units = new Map([
  ['h', DAY / 24],
  ['d', DAY],
  ['w', 7 * DAY],
]);

/** Milliseconds; `never`: for ever. */
function parseLifetime(text: string): number | 'never' {
  if (text === 'never') return text;
  const [, digits = '', unit = ''] = /^([1-9]\d{0,3})([hdw])$/.exec(text) ?? [];
  const length = units.get(unit);
  if (length === undefined) throw new InvalidArgumentError('Use a number with a unit, such as 12h, 90d or 4w, or never.');
  return Number(digits) * length;
}

async function create(call: Call): Promise<ExitCode> {
  const { options, output } = call;
  const name = required(call, 0);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name))
    throw new UsageError('the name of a key has letters, digits, dots, - and _, at most 63');
  const project = await openCall(call);
  const [{ createKey }, { document }, { writeKeyMade }] = await Promise.all([
    import('../../app/keys.ts'),
    import('../../report/documents/document.ts'),
    import('../../report/documents/keys.ts'),
  ]);
  const lasts = options.text('expires') === 'never' ? null : (options.number('expires') ?? 90 * DAY);
  const { key, info } = await createKey(project, { name, scope: parseScope(options.text('scope') ?? ''), lasts });
  output.result({ text: () => `${key}\n`, json: () => document(writeKeyMade({ format: 1, key, info })) });
  output.note(
    `Keep it now: it is not shown again. ${info.expires === null ? 'It does not expire.' : `It expires on ${info.expires.slice(0, 10)}.`}`,
  );
  return 0;
}

async function list(call: Call): Promise<ExitCode> {
  const project = await openCall(call);
  const [{ keysOf }, { document }, { writeKeys }, { keysText }] = await Promise.all([
    import('../../app/keys.ts'),
    import('../../report/documents/document.ts'),
    import('../../report/documents/keys.ts'),
    import('../../report/keys-text.ts'),
  ]);
  const keys = await keysOf(project).list();
  call.output.result({
    text: (style) => keysText(keys, new Date(), style),
    json: () => document(writeKeys({ format: 1, keys })),
    paged: true,
  });
  return 0;
}

async function revoke(call: Call): Promise<ExitCode> {
  const project = await openCall(call);
  const [{ keysOf }, { document }, { writeKeyRevoked }] = await Promise.all([
    import('../../app/keys.ts'),
    import('../../report/documents/document.ts'),
    import('../../report/documents/keys.ts'),
  ]);
  const revoked = await keysOf(project).revoke(required(call, 0));
  call.output.result({ text: () => '', json: () => document(writeKeyRevoked({ format: 1, revoked })) });
  call.output.note(`Revoked the key ${revoked.name}.`);
  return 0;
}
