import { lookUp } from '../../../util/record.ts';
import { type Acl, parseAcl } from '../acl.ts';
import type { ImportDatabase } from './evidence.ts';

/**
 * What a login may do by its name outside of its own schema. Its sessions would act as the owner role of its app, which has
 * nothing there: only tables of other apps can be read, by shares. null: nothing.
 */
export function outsideOf({ reach, rows }: ImportDatabase, login: string, own: string, apps: ReadonlySet<string>): string | null {
  const spaces = new Map((rows?.schemas ?? []).map(([name, , , acl]) => [name, parseAcl(acl ?? [])]));
  const everybody = (schema: string): boolean => everybodys(spaces.get(schema)).includes('U');
  for (const [who, schema, kind, , , letters, , names] of reach?.reach ?? []) {
    if (who !== login || schema === own || letters === '') continue;
    if (apps.has(schema) && (kind === 'S' || /^[r]*$/.test(letters))) continue;
    for (const name of names) {
      const acl = (rows?.relations ?? []).find((row) => row[0] === schema && row[7].includes(name))?.[3];
      const open = everybody(schema) ? everybodys(parseAcl(acl ?? [])) : '';
      if ([...letters].some((letter) => !open.includes(letter))) return `${schema}.${name}`;
    }
  }
  for (const [who, schema, , , may, names] of reach?.calls ?? [])
    if (who === login && may && schema !== own && !apps.has(schema) && !everybody(schema)) return `${schema}.${names[0] ?? ''}()`;
  return null;
}

function everybodys(acl: Acl = {}): string {
  return lookUp(acl, '') ?? '';
}
