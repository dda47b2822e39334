import type { Resource } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import { loginsOf } from '../compile/logins.ts';
import { databaseOf, shown, targetOf } from '../grants.ts';
import { namesOf } from '../names.ts';
import type { AccountSpec } from '../spec.ts';
import { lookUp } from '../../../util/record.ts';

/** Why an account that is adopted is somebody else's for all that the server tells, and what the manifest can say to take it all the same. */
export interface Apart {
  readonly why: string;
  readonly hint: string;
}

/**
 * `adopt` says that a database and its login are there, and not that whoever is called as a login of the app would be is one. An
 * account under a name that nobody wrote down is the app's where it has rights in the app's database, and nothing beside.
 */
export function apartFrom(input: Input, { app, spec }: Resource<AccountSpec>, found: AccountSpec): Apart | null {
  const placed = input.placements.find((one) => one.app === app);
  if (!placed || app === null) return null;
  const { placement } = placed;
  const login = loginsOf(app, placement).find(({ slots }) => slots.includes(spec.user));
  if (!login) return null;
  const { names, logins = {} } = placement;
  const written = [names, lookUp(logins, login.name) ?? {}].flatMap((one) =>
    typeof one === 'string' ? [] : [one.login, one.standbyLogin],
  );
  if (written.includes(spec.user)) return null;
  const usual = namesOf(app, placement);
  const why = whyApart(found, app, usual.database);
  if (why === null) return null;
  const name = `${login.slots[0] === spec.user ? 'login' : 'standbyLogin'}: ${spec.user}`;
  const entry = usual.logins.includes(spec.user) ? `names: { ${name} }` : `logins: { ${login.name}: { as: ${login.as}, ${name} } }`;
  return { why, hint: `if it is the app's, name it: \`${entry}\`; else give the app another one there` };
}

function whyApart({ grants, roles, proxies, members }: AccountSpec, app: string, database: string): string | null {
  const targets = Object.keys(grants);
  // Where `_` in the name was not escaped, it is a pattern.
  const other = targets.find((key) => {
    const target = targetOf(key);
    return databaseOf(target) !== database && !(target[0] === 'pattern' && target[1] === database);
  });
  if (other !== undefined) return `it has rights on ${shown(other)}`;
  const [role] = roles;
  if (role !== undefined) return `it has the role ${role}`;
  const [proxied] = proxies;
  if (proxied !== undefined) return `it may act as ${proxied}`;
  const [member] = members;
  if (member !== undefined) return `others act as it (${member})`;
  return targets.length === 0 ? `nothing on the server says that it is app "${app}"’s` : null;
}
