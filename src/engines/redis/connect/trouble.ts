import { troubleOf } from '../../../engine/index.ts';
import type { Diagnostic, Command } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';

/** What a server answers with an error begins with a word in capitals: NOPERM, NOAUTH, OOM. '' for anything else. */
export function errorCode(error: unknown): string {
  return error instanceof Error ? (/^([A-Z][A-Z0-9_]{1,20})(?: |$)/.exec(error.message)?.[1] ?? '') : '';
}

/** What to do where the configuration of the server has given another name to a command that cotenant sends; null: it is something else. */
export function renamedHint(error: unknown): string | null {
  const name = error instanceof Error ? /^ERR unknown command '(\w+)'/i.exec(error.message)?.[1] : undefined;
  return name === undefined
    ? null
    : `give ${name} its own name back (rename-command in the configuration): the access list closes it to everybody else`;
}

/** CT3004 where the connection broke, CT3003 where the server refused something. */
export function trouble(error: unknown, instance: string, statement?: Command): Diagnostic {
  const code = errorCode(error);
  const hint = renamedHint(error) ?? lookUp(HINTS, code) ?? 'correct the cause and run apply again';
  return troubleOf(error, instance, code === '' ? null : { what: 'a command', hint }, statement);
}

const HINTS: Readonly<Record<string, string>> = {
  NOPERM: 'the admin of this instance lacks a privilege: it needs every command',
  OOM: 'the server’s memory is full: raise maxmemory or delete keys, and run apply again',
  BUSY: 'a script keeps the server busy: SCRIPT KILL ends one that has not written yet',
  READONLY: 'this is a replica: use the address of the primary in `url`',
  LOADING: 'the server is still reading its data: try again in a moment',
  MISCONF: 'the server cannot write its data to disk: see its log',
};
