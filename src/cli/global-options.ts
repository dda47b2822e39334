import { lookUp } from '../util/record.ts';
import type { Io } from './io.ts';

/** Options that the environment may give: the variable, the option, and what it is set to. */
const variables = [
  ['COTENANT_FILE', 'file', (value: string) => value],
  ['COTENANT_NO_COLOR', 'color', () => false],
  ['COTENANT_NO_PAGER', 'pager', () => false],
  ['COTENANT_NO_INPUT', 'input', () => false],
  ['COTENANT_QUIET', 'quiet', () => true],
  ['COTENANT_VERBOSE', 'verbose', () => true],
  ['COTENANT_DEBUG', 'debug', () => true],
] as const;

/** What is said on the command line leaves no room for these. */
const against: Readonly<Record<string, readonly string[]>> = { quiet: ['verbose', 'debug'], verbose: ['quiet'], debug: ['quiet'] };

/** The flag of each option that is given to every command. */
const flags: Readonly<Record<string, string>> = {
  file: '--file',
  color: '--no-color',
  pager: '--no-pager',
  input: '--no-input',
  quiet: '--quiet',
  verbose: '--verbose',
  debug: '--debug',
};

export interface Given {
  readonly values: Readonly<Record<string, unknown>>;
  /** Who said so, of options that are not as they come: a flag, or a variable. */
  readonly origins: ReadonlyMap<string, string>;
}

/** The options of a call, with what the environment says where the command line says nothing. `isGiven`: on the command line. */
export function withEnvironment(options: Readonly<Record<string, unknown>>, env: Io['env'], isGiven: (option: string) => boolean): Given {
  const found = variables.flatMap(([name, option, of]) => {
    const value = env[name] ?? '';
    const isOff = value === '' || (option !== 'file' && /^(?:0|false|no)$/i.test(value));
    if (isOff || isGiven(option) || (lookUp(against, option) ?? []).some(isGiven)) return [];
    return [{ name, option, value: of(value) }];
  });
  return {
    values: { ...options, ...Object.fromEntries(found.map(({ option, value }) => [option, value])) },
    origins: new Map([
      ...Object.entries(flags).flatMap(([option, flag]) => (isGiven(option) ? [[option, flag] as const] : [])),
      ...found.map(({ name, option }) => [option, name] as const),
    ]),
  };
}
