import { markDecode, markEncode } from '../../../engine/index.ts';
import { RESERVED } from '../names.ts';

/**
 * The mark that cotenant leaves for each app: a user that nobody can log in as, whose name says it. Community has nothing else that
 * lies beside the users and that no app deletes with its data: nodes are the app's, and comments on users there are none.
 */
export interface Mark {
  readonly project: string;
  /** '': what serves no app in particular. */
  readonly app: string;
  /** The app's user. */
  readonly user?: string;
  /** Hash of what the last complete apply asked for. */
  readonly applied?: string;
  /** ISO day. */
  readonly retired?: string;
}

const NAMES = ['project', 'app', 'user', 'applied', 'retired'] as const;

const FRONT = `${RESERVED}@`;

export function isLedger(name: string): boolean {
  return name.startsWith(FRONT);
}

export function writeMark(mark: Mark): string {
  const parts = NAMES.flatMap((name) => (mark[name] === undefined ? [] : [`${name}=${markEncode(mark[name])}`]));
  return FRONT + parts.join(';');
}

export function readMark(name: string): Mark | null {
  if (!isLedger(name)) return null;
  const fields = new Map(
    name
      .slice(FRONT.length)
      .split(';')
      .map((part): [string, string] => [part.slice(0, part.indexOf('=')), markDecode(part.slice(part.indexOf('=') + 1))]),
  );
  const [project, app] = [fields.get('project'), fields.get('app')];
  if (project === undefined || app === undefined) return null;
  const more = (['user', 'applied', 'retired'] as const).flatMap((one) => (fields.has(one) ? [[one, fields.get(one)] as const] : []));
  return { project, app, ...Object.fromEntries(more) };
}
