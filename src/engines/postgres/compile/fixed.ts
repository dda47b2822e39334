import type { Diagnostic } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import type { Context } from '../steps/draft-steps.ts';
import type { Placement } from '../config.ts';
import { type DatabaseSpec, isKind } from '../spec.ts';
import { ownDatabaseNames } from './spaces.ts';

/** Of a database whose placement names none. */
export const ENCODING = 'UTF8';

/** What a database got when it was made, and the manifest wants otherwise: no statement changes it. */
export function fixedAtCreation({ input, observation }: Context): readonly Diagnostic[] {
  const databases = new Map(observation.resources.filter((one) => isKind(one, 'database')).map((one) => [one.address.name, one.spec]));
  const told = new Set<string>();
  return input.placements.flatMap(({ app, placement, path }) => {
    const name = placement.isolation === 'database' ? ownDatabaseNames(app, placement).database : placement.database;
    const has = name === undefined ? undefined : databases.get(name);
    if (name === undefined || has === undefined || told.has(name)) return [];
    told.add(name);
    const adopt = input.placements.some((one) => one.placement.adopt && (one.app === app || one.placement.database === name));
    return differing({ ...placement, adopt }, has).map(
      ([field, wanted, there]): Diagnostic => ({
        code: 'CT2067',
        severity: 'error',
        message: `database "${name}" on "${input.name}" has ${field} ${there}, and the manifest asks for ${wanted}: the server sets it once, when the database is made`,
        hint: `write \`${field}: ${there}\`, or move the data into a new database`,
        instance: input.name,
        path: placement[field] === undefined ? path : [...path, field],
      }),
    );
  });
}

type Differing = readonly [field: 'encoding' | 'locale', wanted: string, has: string];

function differing({ encoding, locale, adopt }: Placement, has: DatabaseSpec): readonly Differing[] {
  // What was there before is taken as it is, unless the manifest says otherwise.
  const wanted = encoding ?? (adopt ? has.encoding : ENCODING);
  const out: Differing[] = [];
  if (plainEncoding(wanted) !== plainEncoding(has.encoding)) out.push(['encoding', wanted, has.encoding]);
  if (locale !== undefined && plainLocale(locale) !== plainLocale(has.locale ?? '')) out.push(['locale', locale, has.locale ?? '']);
  return out;
}

/** Other names that the server takes for the same. */
const SAME: Readonly<Record<string, string>> = {
  unicode: 'utf8',
  iso88591: 'latin1',
  iso88592: 'latin2',
  iso88593: 'latin3',
  iso88594: 'latin4',
  iso88599: 'latin5',
  iso885910: 'latin6',
  iso885913: 'latin7',
  iso885914: 'latin8',
  iso885915: 'latin9',
  iso885916: 'latin10',
  koi8: 'koi8r',
  alt: 'win866',
  abc: 'win1258',
  tcvn: 'win1258',
  tcvn5712: 'win1258',
  vscii: 'win1258',
  win: 'win1251',
  mskanji: 'sjis',
  shiftjis: 'sjis',
};

function plainEncoding(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .replace(/^windows(?=\d)/, 'win');
  return lookUp(SAME, plain) ?? plain;
}

/** As the C library reads it: en_US.UTF-8 is en_US.utf8. */
function plainLocale(name: string): string {
  const [language = '', rest = ''] = name.split('.', 2);
  return rest === '' ? (language === 'POSIX' ? 'C' : language) : `${language}.${rest.toLowerCase().replaceAll('-', '')}`;
}
