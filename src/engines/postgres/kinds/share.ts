import { field, sql } from '../../../engine/index.ts';
import type { FieldChange, Command } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { partOf } from '../part-name.ts';
import { ident, roles } from '../quote.ts';
import { optionList, serverOptions } from '../shares/text.ts';
import type { FoundMapping, FoundServer, FoundShare, ShareSpec } from '../shares/spec.ts';
import { type TableWork, workOn } from '../shares/work.ts';
import type { SchemaSpec } from '../spec.ts';
import { accessFields, ALL } from './access-fields.ts';
import { accessStatements, type Facts, type Kind, mapFields } from './kind.ts';

const NOTHING: FoundShare = { available: true, server: null, mappings: [], views: null, hidden: null, relations: [], source: [] };
/** The wrapper of the extension that is asked for. */
export const WRAPPER = 'postgres_fdw';

/** Tables of another database on the same server: a foreign server, a user mapping that only the operator knows, views. */
export const share: Kind<ShareSpec> = {
  reversible: false,
  diff(desired, observed, facts, name) {
    const found = observed.found ?? NOTHING;
    const [, server] = partOf(name);
    return [
      ...serverFields(server, desired, found.server, facts),
      ...mappingFields(desired, found.mappings),
      ...schemaFields(server, viewSchema(desired), found.views),
      ...schemaFields(desired.hidden, hiddenSchema(desired), found.hidden),
      ...workOn(server, desired, found).flatMap(tableFields),
    ];
  },
  statements(name, from, to, facts) {
    const found = from?.found ?? NOTHING;
    const [, server] = partOf(name);
    const grants: Command[] = [];
    const revokes: Command[] = [];
    serverStatements(server, to, found.server, facts, grants, revokes);
    schemaStatements(to.hidden, hiddenSchema(to), found.hidden, grants, revokes);
    schemaStatements(server, viewSchema(to), found.views, grants, revokes);
    for (const work of workOn(server, to, found)) {
      grants.push(...work.grants);
      revokes.push(...work.revokes);
    }
    // A server that is made again takes its mappings with it.
    const kept = found.server?.wrapper === WRAPPER ? found.mappings : [];
    for (const { role } of kept.filter((one) => one.role !== to.holder))
      revokes.push(sql(`DROP USER MAPPING FOR ${roles([role])} SERVER ${ident(server)}`));
    const own = kept.find((one) => one.role === to.holder);
    return { grants, revokes, alone: own && isRight(to, own) ? [] : mappingStatements(server, to, own !== undefined, facts) };
  },
};

function viewSchema({ holder, reader }: ShareSpec): SchemaSpec {
  return { owner: holder, acl: { [holder]: 'CU', [reader]: 'U' } };
}

function hiddenSchema({ holder }: ShareSpec): SchemaSpec {
  return { owner: holder, acl: { [holder]: 'CU' } };
}

function serverFields(name: string, to: ShareSpec, found: FoundServer | null, facts: Facts): FieldChange[] {
  if (!found) return [field('foreign server', null, name)];
  const fields: FieldChange[] = [];
  if (found.wrapper !== WRAPPER) fields.push(field('wrapper of the foreign server', found.wrapper, WRAPPER));
  if (found.owner !== 'operator') fields.push(field('owner of the foreign server', found.owner, 'operator'));
  fields.push(...mapFields('foreign server', serverOptions(to, facts), found.options));
  fields.push(...accessFields('access to the foreign server of', {}, found.acl, 'U'));
  return fields;
}

function serverStatements(
  name: string,
  to: ShareSpec,
  found: FoundServer | null,
  facts: Facts,
  grants: Command[],
  revokes: Command[],
): void {
  const it = `SERVER ${ident(name)}`;
  const want = serverOptions(to, facts);
  if (!found) grants.push(sql(`CREATE ${it} FOREIGN DATA WRAPPER ${WRAPPER} OPTIONS (${optionList(want)})`));
  // One of another wrapper is somebody else's: `judge` says so.
  if (found?.wrapper !== WRAPPER) return;
  if (found.owner !== 'operator') grants.push(sql(`ALTER ${it} OWNER TO CURRENT_USER`));
  const options = [
    ...Object.keys(found.options)
      .filter((key) => lookUp(want, key) === undefined)
      .map((key) => `DROP ${ident(key)}`),
    ...Object.entries(want)
      .filter(([key, value]) => lookUp(found.options, key) !== value)
      .map(([key, value]) => optionList({ [key]: value }, lookUp(found.options, key) === undefined ? 'ADD ' : 'SET ')),
  ];
  if (options.length > 0) grants.push(sql(`ALTER ${it} OPTIONS (${options.join(', ')})`));
  accessStatements(`FOREIGN ${it}`, found.acl, {}, grants, revokes);
}

/** What this admin cannot read counts as right where the mapping is there. */
function isRight(to: ShareSpec, { options, password }: FoundMapping): boolean {
  if (options === null) return true;
  return Object.keys(options).length === 1 && options['user'] === to.login && (password === 'verified' || password === 'unknown');
}

/** What is done by the statements that are sent one by one. */
export function isOfMapping({ field: name }: FieldChange): boolean {
  return /^(password of the )?user mapping(?! of )/.test(name);
}

function mappingFields(to: ShareSpec, found: readonly FoundMapping[]): FieldChange[] {
  const own = found.find(({ role }) => role === to.holder);
  const fields: FieldChange[] = [];
  if (!own) fields.push(field('user mapping', null, to.login));
  else if (own.options !== null) {
    fields.push(...mapFields('user mapping', { user: to.login }, own.options));
    if (own.password !== 'verified' && own.password !== 'unknown')
      fields.push(field('password of the user mapping', own.password, 'verified'));
  }
  for (const { role } of found)
    if (role !== to.holder) fields.push(field(`user mapping of ${role === '' ? 'PUBLIC' : role}`, 'there', null));
  return fields;
}

/** Settings that keep a statement, with the password in it, out of the server's log and its lists. A superuser's only. */
const SILENT = [
  `log_statement = 'none'`,
  `log_min_error_statement = 'panic'`,
  'log_min_duration_statement = -1',
  'log_min_duration_sample = -1',
  'log_transaction_sample_rate = 0',
  'track_activities = off',
  `pg_stat_statements.track = 'none'`,
  `pgaudit.log = 'none'`,
];

/** The one place where the server wants a password in clear. Each statement goes in a message of its own: a message is logged before any of it runs. */
function mappingStatements(server: string, to: ShareSpec, exists: boolean, facts: Facts): readonly Command[] {
  const it = `USER MAPPING FOR ${ident(to.holder)} SERVER ${ident(server)}`;
  return [
    sql('BEGIN'),
    ...(facts.superuser ? SILENT.map((setting) => sql(`SET LOCAL ${setting}`)) : []),
    ...(exists ? [sql(`DROP ${it}`)] : []),
    sql(`CREATE ${it} OPTIONS (${optionList({ user: to.login })}, "password" :password)`, { password: { secret: to.secret } }),
    sql('COMMIT'),
  ];
}

function schemaFields(name: string, want: SchemaSpec, found: SchemaSpec | null): FieldChange[] {
  if (!found) return [field(`schema ${name}`, null, want.owner)];
  const fields = found.owner === want.owner ? [] : [field(`owner of schema ${name}`, found.owner, want.owner)];
  return [...fields, ...accessFields(`access to schema ${name} of`, want.acl, handedOver(found, want.owner), ALL.schema)];
}

function schemaStatements(name: string, want: SchemaSpec, found: SchemaSpec | null, grants: Command[], revokes: Command[]): void {
  const it = `SCHEMA ${ident(name)}`;
  if (!found) grants.push(sql(`CREATE ${it} AUTHORIZATION ${ident(want.owner)}`));
  else if (found.owner !== want.owner) grants.push(sql(`ALTER ${it} OWNER TO ${ident(want.owner)}`));
  accessStatements(it, found ? handedOver(found, want.owner) : { [want.owner]: 'CU' }, want.acl, grants, revokes);
}

/** As it is once the owner is right: the server gives the old owner's entry to the new one. */
function handedOver({ owner, acl }: SchemaSpec, next: string): SchemaSpec['acl'] {
  if (owner === next) return acl;
  const { [owner]: _own, [next]: _mine, ...others } = acl;
  return { ...others, [next]: lookUp(acl, owner) ?? 'CU' };
}

function tableFields({ what, fields, table }: TableWork): FieldChange[] {
  return [...(what === null ? [] : [field(`table ${table}`, what, 'as shared')]), ...fields];
}
