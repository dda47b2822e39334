import { Command, InvalidArgumentError, Option } from 'commander';
import { resolve } from 'node:path';
import { printable } from '../../report/printable.ts';
import { type Bind, type Call, openOptions, streamMode } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { collectNames, parseDuration, shared } from '../options.ts';
import { UsageError } from '../usage.ts';

const description = `Answers over HTTP how every app stands: health for orchestrators, metrics for Prometheus, and the documents of the command line under /api/v1; /openapi.json describes it. Servers are asked by one collector, and everybody is answered from what it keeps.

On this machine it shows without a key, and changes nothing; everything else needs a key of \`cotenant key create\`. It ends by SIGTERM or Ctrl-C when what it began is finished, reads the manifest again when it changes, and outlives its servers.

Example: cotenant serve --listen 127.0.0.1:4680`;

export function serveCommand(bind: Bind): Command {
  return new Command('serve')
    .summary('answer over HTTP: health, metrics and the interface')
    .description(description)
    .helpGroup('Watching:')
    .addOption(
      new Option('--listen <address>', 'address and port; port 0: any that is free').argParser(checkListen).default('127.0.0.1:4680'),
    )
    .option('--tls-cert <file>', 'the certificate, in PEM form')
    .option('--tls-key <file>', 'its key')
    .option('--behind-proxy', 'a proxy in front does TLS: listen anywhere, and want a key of everybody')
    .addOption(
      new Option('--host <name>', 'a name by which it is called, besides localhost and addresses; may be repeated').argParser(collectNames),
    )
    .addOption(
      new Option('--interval <duration>', 'how long a server is left alone between two rounds')
        .argParser(parseInterval)
        .default(INTERVAL, '15s'),
    )
    .addOption(
      new Option(
        '--verify-every <duration>',
        'prove the walls when the last proof is so old (default: when somebody asks for it)',
      ).argParser(parseVerifyEvery),
    )
    .addOption(shared.output(['text', 'stream-json']))
    .action(bind(run, streamMode));
}

const INTERVAL = 15_000;
const MINUTE = 60_000;

interface Listen {
  readonly host: string;
  readonly port: number;
}

function parseListen(text: string): Listen {
  const [, six, other, port = ''] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? other;
  if (host === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError('Use an address and a port, such as 127.0.0.1:4680 or [::1]:4680.');
  return { host, port: Number(port) };
}

function checkListen(text: string): string {
  parseListen(text);
  return text;
}

function parseInterval(text: string): number {
  const interval = parseDuration(text);
  if (interval < 1000) throw new InvalidArgumentError('Servers are asked once a second at most: use at least 1s.');
  return interval;
}

function parseVerifyEvery(text: string): number {
  const every = parseDuration(text);
  if (every < MINUTE) throw new InvalidArgumentError('A proof logs in as every app: use at least 1m.');
  return every;
}

async function run(call: Call): Promise<ExitCode> {
  const { options, output, io } = call;
  const { signal: _, progress: _progress, ...open } = await openOptions(call);
  if (open.source !== undefined) throw new UsageError('serve reads the manifest again when it changes: give a file');
  const [cert, key] = [options.text('tlsCert'), options.text('tlsKey')];
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--tls-cert and --tls-key belong together');
  const { serve } = await import('../../serve/serve.ts');
  const serving = await serve({
    open,
    ...parseListen(options.text('listen') ?? ''),
    tls: cert === undefined || key === undefined ? null : { cert: resolve(io.cwd, cert), key: resolve(io.cwd, key) },
    behindProxy: options.flag('behindProxy'),
    hosts: options.list('host').map((name) => name.toLowerCase()),
    interval: options.number('interval') ?? INTERVAL,
    verifyEvery: options.number('verifyEvery') ?? null,
    version: io.version,
    signal: io.interruption.signal,
    say: (text) => output.note(`${new Date().toISOString()} ${printable(text)}`),
  });
  io.interruption.watch(() => serving.underWay());
  output.note(`Listening on ${serving.url}`);
  await serving.ended;
  output.note('Ended.');
  return 0;
}
