import { markDecode, markEncode } from '../../../engine/index.ts';
import type { Access } from '../commands.ts';
import { RESERVED } from '../names.ts';

/**
 * The mark that cotenant leaves in each user it made: a selector with a key pattern and without any command, so it allows
 * nothing. It lies where the user lies: what saves the one saves the other, and no key has to be kept for it.
 */
export interface Mark {
  readonly project: string;
  /** The app or the reader. */
  readonly app: string;
  /** The user that bears it, where its name does not tell whose it is: a line that is copied has another one. */
  readonly user?: string;
  /** Hash of what the last complete apply asked for. */
  readonly applied?: string;
  /** On the ledger's: the same for what serves several apps, and that something is not known to be on disk. */
  readonly shared?: string;
  readonly unsaved?: boolean;
  /** On the ledger's: the users of others, each with a digest of its line, when the file was last written. */
  readonly others?: string;
  /** ISO day. */
  readonly retired?: string;
  /** On a retired one: the name of the user, and what its data is known by. */
  readonly was?: string;
  readonly access?: Access;
  readonly prefix?: string;
  /** The number of the app's database. */
  readonly database?: number;
}

const NAMES = [
  'project',
  'app',
  'user',
  'applied',
  'shared',
  'unsaved',
  'retired',
  'was',
  'access',
  'prefix',
  'database',
  'others',
] as const;

/** True for the users that an app has where its entry says nothing else. */
export function isUsualUser(app: string, user: string): boolean {
  return user === app || user.startsWith(`${app}_`);
}

/** Who bears a mark, as far as that has to be said in it. */
export function bearer(app: string, user: string): Pick<Mark, 'user'> {
  return isUsualUser(app, user) ? {} : { user };
}

/** The pattern, without the `~` in front of it. */
export function writeMark(mark: Mark): string {
  const parts = NAMES.flatMap((name) => {
    const value = mark[name];
    return value === undefined ? [] : [`${name}=${markEncode(String(value))}`];
  });
  return [RESERVED, ...parts].join(':');
}

/** The selector as a rule of ACL SETUSER. */
export function markRule(mark: Mark): string {
  return `(~${writeMark(mark)})`;
}

export function readMark(pattern: string): Mark | null {
  const [head, ...parts] = pattern.split(':');
  if (head !== RESERVED) return null;
  const fields = new Map(
    parts.map((part): [string, string] => {
      const at = part.indexOf('=');
      return [part.slice(0, at), markDecode(part.slice(at + 1))];
    }),
  );
  const project = fields.get('project');
  const app = fields.get('app');
  if (project === undefined || app === undefined) return null;
  const access = accessOf(fields.get('access'));
  const database = fields.get('database');
  return {
    project,
    app,
    ...Object.fromEntries(
      (['user', 'applied', 'shared', 'retired', 'was', 'prefix', 'others'] as const).flatMap((name) => {
        const value = fields.get(name);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    ...(fields.get('unsaved') === 'true' ? { unsaved: true } : {}),
    ...(access === null ? {} : { access }),
    ...(database !== undefined && /^\d+$/.test(database) ? { database: Number(database) } : {}),
  };
}

const ACCESS: readonly Access[] = ['prefix', 'database', 'instance', 'reader', 'database-reader', 'instance-reader'];

function accessOf(text: string | undefined): Access | null {
  return ACCESS.find((one) => one === text) ?? null;
}
