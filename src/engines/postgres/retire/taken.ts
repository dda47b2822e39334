import type { Diagnostic } from '../../../model/index.ts';
import { peopleOf } from '../effective/people.ts';
import { partName } from '../part-name.ts';
import { readMark } from '../marks/mark.ts';
import { ident } from '../quote.ts';
import type { Context } from '../steps/draft-steps.ts';
import { kindOfRetired, type Retired } from './retired-spec.ts';

/** True where something of this project that is in use has the name that a retired thing had. */
export function isTaken(one: Retired, { observation }: Context): boolean {
  const [kind, , database] = kindOfRetired(one);
  const { was } = one.spec;
  const kinds = kind === 'schema' ? ['schema', 'stray-schema'] : [kind];
  const name = kind === 'schema' ? partName(database, was) : was;
  return observation.resources.some(({ address, owned }) => owned && kinds.includes(address.kind) && address.name === name);
}

/** Why it cannot come back under the name that it had: somebody has that by now. [] where nobody has. */
export function inTheWay(app: string, found: readonly Retired[], context: Context): readonly Diagnostic[] {
  const { name: instance } = context.input;
  const own = found.filter((one) => isTaken(one, context));
  if (own.length > 0) {
    const taken = own.map((one) => `${kindOfRetired(one)[0]} "${one.spec.was}"`).join(', ');
    const message = `app "${app}" is in use on "${instance}" (${taken}); its retired data cannot be restored under the same name`;
    return [{ code: 'CT2006', severity: 'error', message, hint: 'rename the app in the manifest first', instance }];
  }
  return found.flatMap((one): readonly Diagnostic[] => {
    const holder = holderOf(one, context);
    if (holder === null) return [];
    const [kind, , database] = kindOfRetired(one);
    const word = kind.toUpperCase();
    const where = kind === 'schema' ? ` of database "${database}"` : '';
    const rename = `ALTER ${word} ${ident(one.spec.was)} RENAME TO …`;
    return [
      {
        code: holder.project === null ? 'CT2005' : 'CT2006',
        severity: 'error',
        message: `app "${app}" cannot be restored on "${instance}": ${kind} "${one.spec.was}"${where} exists again and ${holder.whose}`,
        hint: `have its owner rename it (${rename}), then run cotenant restore-app ${app} again. The retired ${kind} is left unchanged`,
        instance,
      },
    ];
  });
}

interface Holder {
  readonly whose: string;
  /** null: nobody's of cotenant. */
  readonly project: string | null;
}

/** Who has the name: a stranger, or another project; null: nobody. */
function holderOf(one: Retired, { observation }: Context): Holder | null {
  const people = peopleOf(observation);
  const [kind] = kindOfRetired(one);
  const { was, taken } = one.spec;
  const row = kind === 'role' ? people?.roles.get(was) : undefined;
  const owner = kind === 'role' ? null : kind === 'database' ? (people?.door(was)?.owner ?? null) : (taken ?? null);
  if (!row && owner === null) return null;
  const mark = readMark(row?.[10] ?? (owner === null ? null : (people?.roles.get(owner)?.[10] ?? null)));
  const stranger = owner === null ? `is not managed by cotenant (a ${row?.[1] === true ? 'login' : 'group'})` : `belongs to "${owner}"`;
  return mark ? { whose: `belongs to project "${mark.project}"`, project: mark.project } : { whose: stranger, project: null };
}
