import type { StepDraft } from '../../../engine/index.ts';
import type { Command, Loss } from '../../../model/index.ts';
import { peopleOf } from '../effective/people.ts';
import { partName } from '../part-name.ts';
import { type Mark, marked, writeMark } from '../marks/mark.ts';
import { retiredName } from '../names.ts';
import { ident, literal } from '../quote.ts';
import type { RoleSpec } from '../spec.ts';
import type { Context } from '../steps/draft-steps.ts';

type Renamed = 'ROLE' | 'DATABASE' | 'SCHEMA';

const QUIET = [
  ['md5_password_warnings', 'off'],
  ['pg_stat_statements.track', 'none'],
] as const;

/** Where the server has such a setting, and lets this login set it. */
const set = (name: string, value: string): string =>
  `PERFORM pg_catalog.set_config(s.name, ${value}, true) FROM pg_catalog.pg_settings s, pg_catalog.pg_roles r
    WHERE s.name OPERATOR(pg_catalog.=) '${name}' AND r.rolname OPERATOR(pg_catalog.=) current_user AND (r.rolsuper OR s.context OPERATOR(pg_catalog.=) 'user');`;

/**
 * Another name for a role. The server clears an MD5 password with it, since the name is its salt: the verifier is put back as it
 * was, which fits again once the role has its old name. It never leaves the server.
 */
export function renameRole(from: string, to: string, { md5 }: Pick<RoleSpec, 'md5'>): Command {
  const rename = `ALTER ROLE ${ident(from)} RENAME TO ${ident(to)}`;
  if (md5 !== true) return { text: rename };
  const body = [
    'DECLARE kept pg_catalog.text; BEGIN',
    `SELECT a.rolpassword INTO kept FROM pg_catalog.pg_authid a WHERE a.rolname OPERATOR(pg_catalog.=) ${literal(from)};`,
    `${rename};`,
    `IF pg_catalog.starts_with(kept, 'md5') THEN`,
    // From 18 on the server warns of MD5, with the whole statement in its log; and an extension may keep statements of statements.
    ...QUIET.map(([name, value]) => set(name, `'${value}'`)),
    `EXECUTE pg_catalog.format('ALTER ROLE %I PASSWORD %L', ${literal(to)}, kept);`,
    ...QUIET.map(([name]) => set(name, 's.reset_val')),
    'END IF;',
    'END',
  ].join(' ');
  return { text: `DO ${literal(body)}` };
}

/** What `--confirm=` repeats where passwords may be lost that nobody can read. */
const LOST_PASSWORDS = 'lost-passwords';

/** An admin that cannot read verifiers may clear an MD5 password with another name: that is told, and wants a word of its own. */
export function passwordLost(name: string, app: string, { md5, login }: Pick<RoleSpec, 'md5' | 'login'>): readonly Loss[] {
  if (md5 !== null || !login) return [];
  return [
    {
      who: name,
      of: app,
      what: [
        'its password for good, where it is kept as MD5: another name clears such a password, and this admin can neither see nor keep it',
      ],
      sessions: null,
      keep: null,
      confirm: LOST_PASSWORDS,
    },
  ];
}

/** An app or reader of one name can go more than once a day, and somebody else may have such a name. `database`: of a schema. */
export function freeName(what: Renamed, name: string, database: string, { observation, today }: Context): string {
  const taken = new Set(observation.resources.flatMap(({ address }) => (address.kind === 'retired' ? [address.name] : [])));
  const people = peopleOf(observation);
  const isThere = (next: string): boolean => {
    if (what === 'ROLE') return people?.roles.has(next) === true;
    return what === 'DATABASE' ? people !== null && people.door(next) !== null : people?.spaces.has(partName(database, next)) === true;
  };
  for (let nth = 1; ; nth++) {
    const next = retiredName(name, today, nth);
    if (!taken.has(`${what.toLowerCase()}/${what === 'SCHEMA' ? partName(database, next) : next}`) && !isThere(next)) return next;
  }
}

interface Whose {
  readonly app: string;
  /** Of a role. */
  readonly spec?: RoleSpec;
  /** What somebody wrote into the comment. */
  readonly text: string | undefined;
  /** Of a role: those of the app that are called as nobody would guess. */
  readonly roles?: readonly string[];
}

/** Another name, with a mark that says what it was; and the way back. */
export function renaming(
  what: Renamed,
  name: string,
  next: string,
  { app, spec, text, roles = [] }: Whose,
  { input, today }: Context,
): Pick<StepDraft, 'commands'> & { readonly reverse: readonly Command[] } {
  const mark = (more: Partial<Mark>): string => literal(marked(text, writeMark({ project: input.project, app, ...more })));
  const move = (from: string, to: string, comment: string): Command[] => [
    what === 'ROLE' ? renameRole(from, to, spec ?? {}) : { text: `ALTER ${what} ${ident(from)} RENAME TO ${ident(to)}` },
    { text: `COMMENT ON ${what} ${ident(to)} IS ${comment}` },
  ];
  return {
    commands: move(name, next, mark({ ...(roles.length > 0 ? { roles } : {}), retired: today, was: name })),
    reverse: move(next, name, what === 'SCHEMA' ? literal(text ?? '') : mark({})),
  };
}
