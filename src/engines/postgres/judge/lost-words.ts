import type { Diagnostic, Resource } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import { commentStatement } from '../marks/statement.ts';
import { textOf, writeMark } from '../marks/mark.ts';
import type { SharedRows } from '../queries/shared.ts';

/**
 * What the manifest names no more and no mark tells of is nobody's, and would be left open without a word. Of what it does name
 * CT2005 says the same.
 */
export function toldOfLost({ lost }: SharedRows, { name: instance }: Input, desired: readonly Resource[]): readonly Diagnostic[] {
  const wanted = new Set(desired.map(({ address }) => `${address.kind}/${address.name}`));
  return lost
    .filter(({ kind, name, proven }) => !proven && !wanted.has(`${kind}/${name}`))
    .map((one): Diagnostic => {
      const { kind, name, mark } = one;
      const app = mark.app ?? '';
      const was = mark.retired === undefined ? 'was' : `was retired on ${mark.retired} as`;
      const silence =
        kind === 'role'
          ? `if the role is somebody else's, list it under \`known\``
          : 'if the database is somebody else’s, revoke what the app’s roles have on it';
      return {
        code: 'CT2068',
        severity: 'warning',
        message: `${kind} "${name}" on "${instance}" bears no mark and by all signs ${was} app "${app}"’s: it is left as it is, and nothing closes, restores or deletes it`,
        hint: `${commentStatement(kind, name, textOf(one.comment).text, writeMark(mark))} puts the mark back (with the app's name, if it is another one), then run cotenant apply again; ${silence}`,
        instance,
        // A stranger's name alone holds nothing up.
        ...(one.byName ? {} : { waits: app }),
      };
    });
}
