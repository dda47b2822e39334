import type { Io } from './io.ts';

/** Global options that the environment may give: the variable, the option, and what it is set to. */
const variables = [
  ['COTENANT_FILE', 'file', (value: string) => value],
  ['COTENANT_NO_COLOR', 'color', () => false],
  ['COTENANT_NO_PAGER', 'pager', () => false],
  ['COTENANT_QUIET', 'quiet', () => true],
  ['COTENANT_VERBOSE', 'verbose', () => true],
  ['COTENANT_DEBUG', 'debug', () => true],
] as const;

/** The options of a call, with what the environment says where the command line says nothing. `isGiven`: on the command line. */
export function withEnvironment(
  options: Readonly<Record<string, unknown>>,
  env: Io['env'],
  isGiven: (option: string) => boolean,
): Readonly<Record<string, unknown>> {
  const found = variables.flatMap(([name, option, of]) => {
    const value = env[name] ?? '';
    const isOff = value === '' || (option !== 'file' && /^(?:0|false|no)$/i.test(value));
    return isOff || isGiven(option) ? [] : [[option, of(value)] as const];
  });
  return { ...options, ...Object.fromEntries(found) };
}
