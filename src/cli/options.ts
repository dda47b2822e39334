import { InvalidArgumentError, Option } from 'commander';
import { lookUp } from '../util/record.ts';

/** Option values of one call, read by type. */
export class Options {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
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
    return new Options({ ...this.#values, [name]: value });
  }

  list(name: string): readonly string[] {
    const value = lookUp(this.#values, name);
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  }
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `500ms`, `30s`, `5m`, `1h`, or `0`, in milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text);
  const unit = lookUp(units, match?.[2] ?? '');
  if (text === '0') return 0;
  if (match === null || unit === undefined) throw new InvalidArgumentError('Use a number with a unit, such as 500ms, 30s, 5m or 1h.');
  return Number(match[1]) * unit;
}

/** Values of a flag that may be repeated. */
export function collect(value: string, previous: unknown): string[] {
  const before: unknown[] = Array.isArray(previous) ? previous : [];
  return [...before.filter((item) => typeof item === 'string'), value];
}

/** Options that several commands share; the same words everywhere. */
export const shared = {
  json: (): Option => new Option('--json', 'print one JSON document'),
  app: (): Option => new Option('--app <app>', 'only this app and what it needs'),
  out: (text: string): Option => new Option('-o, --out <file>', text),
  yes: (): Option => new Option('-y, --yes', 'confirm steps that revoke access or block a running app, but no destructive ones'),
  autoApprove: (): Option => new Option('--auto-approve', 'the same as --yes').hideHelp(),
  noInput: (): Option => new Option('--no-input', 'never ask; exit with code 7 if consent is missing'),
  confirm: (): Option =>
    new Option(
      '--confirm <name>',
      'confirm destructive steps and losses of this name; may be repeated; @FILE: names from a file, one per line',
    ).argParser(collect),
  dryRun: (): Option => new Option('-n, --dry-run', 'print what would be sent, but send nothing'),
  lockTimeout: (): Option =>
    new Option('--lock-timeout <duration>', 'how long to wait for the lock of each instance, such as 30s (default: do not wait)').argParser(
      parseDuration,
    ),
  outputFormat: (): Option =>
    new Option('--output-format <format>', 'text, or one JSON object per line').choices(['text', 'stream-json']).default('text'),
} as const;
