import { field, sql } from '../../../engine/index.ts';
import type { FieldChange, Command } from '../../../model/index.ts';
import { privilegeWords } from '../acl.ts';
import { ident } from '../quote.ts';
import type { PerimeterSpec } from '../spec.ts';
import { accessFields, ALL } from './access-fields.ts';
import { accessStatements, type Kind, parameterName } from './kind.ts';

/** Nothing for anybody. */
export const CLOSED: PerimeterSpec = {
  publicDatabase: '',
  publicSchema: null,
  ours: { database: {}, schema: {} },
  parameters: [],
  beyond: [],
};

/** What PUBLIC and the apps keep on databases that no app owns: nothing. */
export const perimeter: Kind<PerimeterSpec> = {
  reversible: true,
  diff(desired, observed) {
    const fields: FieldChange[] = [];
    if (databaseDiffers(desired, observed))
      fields.push(...ofPublic('the database', desired.publicDatabase, observed.publicDatabase, ALL.database));
    if (schemaDiffers(desired, observed))
      fields.push(...ofPublic('schema public', desired.publicSchema, observed.publicSchema, ALL.schema));
    if (!observed.beyond.includes('database'))
      fields.push(...accessFields('access of', desired.ours.database, observed.ours.database, ALL.database));
    if (!observed.beyond.includes('schema'))
      fields.push(...accessFields('access to schema public of', desired.ours.schema, observed.ours.schema, ALL.schema));
    for (const parameter of observed.parameters) fields.push(field(`PUBLIC on parameter ${parameter}`, 'granted', null));
    return fields;
  },
  statements(name, from, to) {
    const grants: Command[] = [];
    const revokes: Command[] = [];
    if (from === null) return { grants, revokes };
    const change = (what: string, before: string, after: string): void => {
      const added = [...after].filter((letter) => !before.includes(letter)).join('');
      const gone = [...before].filter((letter) => letter !== '*' && !after.includes(letter)).join('');
      if (added !== '') grants.push(sql(`GRANT ${privilegeWords(added)} ON ${what} TO PUBLIC`));
      if (gone !== '') revokes.push(sql(`REVOKE ${privilegeWords(gone)} ON ${what} FROM PUBLIC`));
    };
    if (databaseDiffers(to, from)) change(`DATABASE ${ident(name)}`, from.publicDatabase ?? '', to.publicDatabase ?? '');
    if (schemaDiffers(to, from)) change('SCHEMA "public"', from.publicSchema ?? '', to.publicSchema ?? '');
    if (!from.beyond.includes('database'))
      accessStatements(`DATABASE ${ident(name)}`, from.ours.database, to.ours.database, grants, revokes, from.chains?.database);
    if (!from.beyond.includes('schema'))
      accessStatements('SCHEMA "public"', from.ours.schema, to.ours.schema, grants, revokes, from.chains?.schema);
    for (const parameter of from.parameters)
      if (!to.parameters.includes(parameter)) revokes.push(sql(`REVOKE ALL ON PARAMETER ${parameterName(parameter)} FROM PUBLIC`));
    return { grants, revokes };
  },
};

function ofPublic(on: string, desired: string | null, observed: string | null, all: string): FieldChange[] {
  return accessFields('', { '': desired ?? '' }, { '': observed ?? '' }, all).map((one) => ({ ...one, field: `PUBLIC on ${on}` }));
}

function databaseDiffers(desired: PerimeterSpec, observed: PerimeterSpec): boolean {
  if (desired.publicDatabase === null || observed.publicDatabase === null || observed.beyond.includes('database')) return false;
  return desired.publicDatabase !== observed.publicDatabase;
}

function schemaDiffers(desired: PerimeterSpec, observed: PerimeterSpec): boolean {
  if (desired.publicSchema === null || observed.publicSchema === null || observed.beyond.includes('schema')) return false;
  return desired.publicSchema !== observed.publicSchema;
}
