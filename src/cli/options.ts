import { type Command, InvalidArgumentError, Option } from 'commander';
import { lookUp } from '../util/record.ts';

/** Option values of one call, read by type. */
export class Options {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #origins: ReadonlyMap<string, string>;

  constructor(values: Readonly<Record<string, unknown>>, origins: ReadonlyMap<string, string> = new Map()) {
    this.#values = values;
    this.#origins = origins;
  }

  /** The flag or variable that says so; null: nobody did. */
  origin(name: string): string | null {
    return this.#origins.get(name) ?? null;
  }

  /** True where the flag was given. For `--no-x`, ask for `x`: true unless it was given. */
  flag(name: string): boolean {
    return lookUp(this.#values, name) === true;
  }

  text(name: string): string | undefined {
    const value = lookUp(this.#values, name);
    return typeof value === 'string' ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = lookUp(this.#values, name);
    return typeof value === 'number' ? value : undefined;
  }

  /** The same with another value of one option. */
  with(name: string, value: unknown): Options {
    return new Options({ ...this.#values, [name]: value }, this.#origins);
  }

  list(name: string): readonly string[] {
    const value = lookUp(this.#values, name);
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  }
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A number of things, of at most so many digits. */
export function parseCount(digits: number): (text: string) => number {
  return (text) => {
    if (!/^[1-9]\d*$/.test(text) || text.length > digits) throw new InvalidArgumentError('Use a number of at least 1.');
    return Number(text);
  };
}

/** `500ms`, `30s`, `5m`, `1h`, or `0`, in milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text);
  const unit = lookUp(units, match?.[2] ?? '');
  if (text === '0') return 0;
  if (match === null || unit === undefined) throw new InvalidArgumentError('Use a number with a unit, such as 500ms, 30s, 5m or 1h.');
  return Number(match[1]) * unit;
}

/** A moment with its offset from UTC, as an ISO time in UTC. */
export function parseMoment(text: string): string {
  const isWhole = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/.test(text);
  const at = isWhole ? new Date(text) : null;
  // The engine takes the 31st of February for one of March.
  if (at === null || Number.isNaN(at.getTime()) || !isDay(text))
    throw new InvalidArgumentError('Use a date and a time with its offset, such as 2026-01-31T03:00:00Z or 2026-01-31T03:00+01:00.');
  return at.toISOString();
}

function isDay(text: string): boolean {
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

function parseDeadline(text: string): number {
  const deadline = parseDuration(text);
  if (deadline === 0) throw new InvalidArgumentError('Nobody answers in no time: use at least 1ms.');
  return deadline;
}

/** Values of a flag that may be repeated. */
export function collect(value: string, previous: unknown): string[] {
  return [...collected(previous), value];
}

function collected(previous: unknown): string[] {
  const before: unknown[] = Array.isArray(previous) ? previous : [];
  return before.filter((item) => typeof item === 'string');
}

/** The same, where one value may hold several names with commas between them. */
export function collectNames(value: string, previous: unknown): string[] {
  const names = value.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('A name is empty.');
  return names.reduce((all, name) => (all.includes(name) ? all : collect(name, all)), collected(previous));
}

/** How the answer is to be printed, whichever option says so. */
export function outputOf(options: Options): string {
  if (options.flag('json')) return 'json';
  return options.text('outputFormat') ?? options.text('format') ?? options.text('output') ?? 'text';
}

/** The apps that were named; none: all of them are meant. */
export function onlyApps(options: Options): { readonly apps?: readonly string[] } {
  const apps = options.list('app');
  return apps.length === 0 ? {} : { apps };
}

/** What a command that goes on for a while can print. */
export const streams = ['text', 'json', 'stream-json'] as const;

/** Options that several commands share; the same words everywhere. */
export const shared = {
  json: (): Option => new Option('--json', 'the same as --output json').conflicts(['output', 'outputFormat', 'format']),
  output: (formats: readonly string[] = ['text', 'json']): Option =>
    new Option('--output <format>', 'how the answer is printed').choices(formats).default('text'),
  /** What this option was called on some commands. */
  formerly: (name: 'format' | 'output-format', formats: readonly string[]): Option =>
    new Option(`--${name} <format>`, 'the same as --output').choices(formats).conflicts(['output']).hideHelp(),
  app: (text = 'only this app and what it needs'): Option =>
    new Option('--app <app>', `${text}; may be repeated, or several with commas`).argParser(collectNames),
  out: (text: string): Option => new Option('-o, --out <file>', text),
  yes: (): Option => new Option('-y, --yes', 'confirm steps that revoke access or block a running app, but no destructive ones'),
  autoApprove: (): Option => new Option('--auto-approve', 'the same as --yes').hideHelp(),
  noInput: (): Option => new Option('--no-input', 'never ask; exit with code 7 if consent is missing'),
  confirm: (): Option =>
    new Option(
      '--confirm <name>',
      'confirm destructive steps and losses of this name; may be repeated; @FILE: names from a file, one per line',
    ).argParser(collect),
  dryRun: (text = 'print what would be sent, but send nothing'): Option => new Option('-n, --dry-run', text),
  deadline: (): Option =>
    new Option('--deadline <duration>', 'how long to wait for each server to answer (default: 10s)').argParser(parseDeadline),
  lockTimeout: (): Option =>
    new Option('--lock-timeout <duration>', 'how long to wait for the lock of each instance, such as 30s (default: do not wait)').argParser(
      parseDuration,
    ),
} as const;

/** With what every command takes that changes something by a plan: who agrees to what, and how the answer is printed. */
export function withRunOptions(command: Command): Command {
  const { yes, autoApprove, noInput, confirm, dryRun, lockTimeout, output, formerly, json } = shared;
  const consent = [yes(), autoApprove(), noInput(), confirm(), dryRun(), lockTimeout()];
  for (const option of [...consent, output(streams), formerly('output-format', streams), json()]) command.addOption(option);
  return command;
}
