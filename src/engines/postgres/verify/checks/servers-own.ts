import { lookUp } from '../../../../util/record.ts';
import type { DatabaseCatalog } from '../catalog-database.ts';
import type { DatabaseContext } from '../database-context.ts';
import { fixInside, named } from '../findings.ts';
import { losingAll, losingRole } from '../losing.ts';
import type { Principal } from '../principals.ts';
import { ident, roles } from '../../quote.ts';
import { outsideProbe, who } from '../rights.ts';
import { underOf } from '../taking.ts';

/** What the server brought into a database, and who has more of it than it came with. */
export type ServersOwn = Pick<DatabaseContext, 'snapshot' | 'findings' | 'place'> & {
  readonly catalog: Pick<DatabaseCatalog, 'builtins' | 'serverColumns' | 'languages' | 'serversOwn' | 'serversViews'>;
};

/** Functions that read files of the server, as the attack calls them. */
const FILES = new Set(['pg_read_file(text)', 'pg_ls_dir(text)', 'lo_import(text)']);

/**
 * What is wrong here is wrong for the whole server: `pg_authid` is the same table in every database. Where no app lives, it counts
 * for whoever gets in there, strangers too.
 */
export function checkServersOwn(inside: ServersOwn): void {
  checkBuiltins(inside);
  checkServerColumns(inside);
  if (isNobodys(inside)) checkUnbounded(inside);
  const { findings, place, catalog } = inside;
  for (const [owner, what] of catalog.serversOwn) checkOwners(inside, owner, what);
  for (const [view, what] of catalog.serversViews)
    findings.add('E9', {
      from: place.app,
      to: null,
      statement: `definition of ${view} in ${place.database}`,
      answer: `somebody replaced it; it reads ${what} for whoever reads it`,
    });
}

const isNobodys = ({ place }: ServersOwn): boolean => place.kind === 'other' || place.kind === 'maintenance';

/** Whether somebody who is not the operator has the rights of the grantee in a session there. */
function isEntered({ snapshot, place }: ServersOwn, principal: Principal): boolean {
  return snapshot.entrants(principal, place.database).length > 0;
}

/** What the server came with is what every session runs and reads. */
function checkOwners(inside: ServersOwn, owner: string, what: string): void {
  const { snapshot, findings, place } = inside;
  for (const { principal } of snapshot.holders(owner)) {
    if (isNobodys(inside) && !isEntered(inside, principal)) continue;
    findings.add(outsideProbe(principal.kind) ?? 'E9', {
      from: principal.name,
      to: outsideProbe(principal.kind) === null ? null : place.target,
      statement: `owner of ${what} in ${place.database}`,
      answer: `${owner}, who can change it for everybody`,
    });
  }
}

/** Languages without bounds that everybody may use there. */
function checkUnbounded(inside: ServersOwn): void {
  const { snapshot, findings, place, catalog } = inside;
  for (const [name, , trusted] of catalog.languages) {
    if (!trusted || !['c', 'internal'].includes(name)) continue;
    for (const one of snapshot.principals.filter((principal) => isEntered(inside, principal)))
      findings.add(outsideProbe(one.kind) ?? 'P14l', {
        from: one.name,
        to: null,
        statement: `pg_language of ${place.database}`,
        answer: `${name} is marked as trusted`,
      });
  }
}

const WORDS: Readonly<Record<string, string>> = {
  pg_proc: 'FUNCTION',
  pg_class: 'TABLE',
  pg_namespace: 'SCHEMA',
  pg_language: 'LANGUAGE',
  pg_foreign_data_wrapper: 'FOREIGN DATA WRAPPER',
};

/** Rights on what the server and its extensions brought, beyond those that they came with. */
function checkBuiltins(inside: ServersOwn): void {
  const { snapshot, findings, place, catalog } = inside;
  const groups = Map.groupBy(catalog.builtins, ([kind, , grantee, privilege]) => JSON.stringify([kind, grantee, privilege]));
  for (const rows of groups.values()) {
    const [first] = rows;
    if (!first) continue;
    const [kind, , grantee, privilege] = first;
    const names = rows.map(([, name]) => name);
    const plain =
      kind === 'pg_proc' || kind === 'pg_class'
        ? names.map((name) => (name.includes('.') ? name : `pg_catalog.${name}`))
        : names.map(ident);
    const id = builtinProbe(kind, names, privilege);
    const nobodys = isNobodys(inside);
    const everybody = nobodys
      ? snapshot.principals.filter((one) => isEntered(inside, one)).map((one) => one.name)
      : id === 'P14'
        ? snapshot.principalsOf(place.database).map((one) => one.name)
        : [null];
    // Members of extensions are the operator's: what a stranger has on them is between the two.
    const ofExtension =
      (kind === 'pg_proc' || kind === 'pg_class') && names.every((name) => name.includes('.') && !name.startsWith('information_schema.'));
    const holders = snapshot
      .holders(grantee)
      .filter(({ principal }) => (nobodys ? isEntered(inside, principal) : !ofExtension || outsideProbe(principal.kind) === null))
      // What everybody had there before it was closed, operators keep.
      .filter(({ principal }) => principal.kind !== 'operator' || !isClosedHere(kind, names));
    const from = grantee === '' ? everybody : holders.map(({ principal }) => principal.name);
    for (const one of from)
      findings.add((nobodys ? outsideProbe(snapshot.named(one)?.kind ?? 'public') : null) ?? id, {
        from: one ?? place.app,
        to: place.app === null && id === 'P03' ? place.target : null,
        statement: `rights on the server's own ${kind === 'pg_proc' ? 'functions' : kind === 'pg_class' ? 'tables' : 'objects'} in ${place.database}`,
        answer: `${who(grantee)} has ${privilege} on ${named(names)}`,
        ...builtinFix(
          inside,
          one,
          grantee,
          plain.map((name) => `REVOKE ${privilege} ON ${lookUp(WORDS, kind) ?? ''} ${name} FROM ${roles([grantee])}`),
          `${privilege} on ${names.join(', ')} in "${place.database}"`,
        ),
      });
  }
}

/** Functions that PUBLIC loses in the databases of apps. */
function isClosedHere(kind: string, names: readonly string[]): boolean {
  return kind === 'pg_proc' && names.every((name) => /^pg_(logical_emit_message|(try_)?advisory_(xact_)?(un)?lock)/.test(name));
}

/** The same for single columns of the server's tables. */
function checkServerColumns(inside: ServersOwn): void {
  const { snapshot, findings, place, catalog } = inside;
  const nobodys = isNobodys(inside);
  const entered = snapshot.principals.filter((one) => isEntered(inside, one)).map(({ name }) => name);
  for (const [table, column, grantee, privilege] of catalog.serverColumns) {
    const holders = snapshot.holders(grantee).map(({ principal }) => principal.name);
    const from = grantee === '' ? (nobodys ? entered : [null]) : holders.filter((one) => !nobodys || entered.includes(one));
    for (const one of from)
      findings.add((nobodys ? outsideProbe(snapshot.named(one)?.kind ?? 'public') : null) ?? 'E9', {
        from: one ?? place.app,
        to: null,
        statement: `rights on the server's own tables in ${place.database}`,
        answer: `${who(grantee)} has ${privilege} on ${table}.${column}`,
        ...builtinFix(
          inside,
          one,
          grantee,
          [`REVOKE ${privilege} (${ident(column)}) ON TABLE ${table} FROM ${roles([grantee])}`],
          `${privilege} on ${table}.${column} in "${place.database}"`,
        ),
      });
  }
}

/** Without CASCADE: where somebody passed it on, the server refuses, and people look. */
function builtinFix(
  inside: ServersOwn,
  from: string | null,
  grantee: string,
  texts: readonly string[],
  what: string,
): ReturnType<typeof underOf> {
  const { snapshot, place } = inside;
  const found = underOf(snapshot, from, grantee);
  const principal = snapshot.named(from);
  if (found.under !== undefined || principal?.kind === 'operator') return found;
  const fix = fixInside(place.database, ...texts);
  return { fix: grantee === '' ? losingAll(snapshot, place, fix, what) : losingRole(snapshot, principal, grantee, fix, what) };
}

function builtinProbe(kind: string, names: readonly string[], privilege: string): string {
  if (kind === 'pg_language') return 'P14l';
  if (kind === 'pg_proc' && names.some((name) => FILES.has(name))) return 'P14';
  if (kind === 'pg_foreign_data_wrapper') return 'X1';
  return kind === 'pg_namespace' && privilege === 'CREATE' ? 'P03' : 'E9';
}
