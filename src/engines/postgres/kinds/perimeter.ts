import type { FieldChange, Statement } from '../../../model/index.ts';
import { privilegeWords } from '../acl.ts';
import { ident } from '../quote.ts';
import type { PerimeterSpec } from '../spec.ts';
import { field, type Kind, sql } from './kind.ts';

/** What PUBLIC keeps on databases that no app owns: nothing. */
export const perimeter: Kind<PerimeterSpec> = {
  reversible: true,
  diff(desired, observed) {
    const fields: FieldChange[] = [];
    if (desired.publicDatabase !== observed.publicDatabase && !observed.beyond.includes('database'))
      fields.push(
        field('PUBLIC on the database', privilegeWords(observed.publicDatabase) || null, privilegeWords(desired.publicDatabase) || null),
      );
    if (schemaDiffers(desired, observed)) {
      fields.push(
        field('PUBLIC on schema public', privilegeWords(observed.publicSchema ?? '') || null, privilegeWords(desired.publicSchema ?? '') || null),
      );
    }
    return fields;
  },
  moves(name, from, to) {
    const give: Statement[] = [];
    const take: Statement[] = [];
    if (from === null) return { give, take };
    const change = (what: string, before: string, after: string): void => {
      const added = [...after].filter((letter) => !before.includes(letter)).join('');
      const gone = [...before].filter((letter) => letter !== '*' && !after.includes(letter)).join('');
      if (added !== '') give.push(sql(`GRANT ${privilegeWords(added)} ON ${what} TO PUBLIC`));
      if (gone !== '') take.push(sql(`REVOKE ${privilegeWords(gone)} ON ${what} FROM PUBLIC`));
    };
    if (!from.beyond.includes('database')) change(`DATABASE ${ident(name)}`, from.publicDatabase, to.publicDatabase);
    if (schemaDiffers(to, from)) change('SCHEMA "public"', from.publicSchema ?? '', to.publicSchema ?? '');
    return { give, take };
  },
};

function schemaDiffers(desired: PerimeterSpec, observed: PerimeterSpec): boolean {
  if (desired.publicSchema === null || observed.publicSchema === null || observed.beyond.includes('schema')) return false;
  return desired.publicSchema !== observed.publicSchema;
}
