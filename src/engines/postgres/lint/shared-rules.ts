import type { Node, RoleSpec } from 'libpg-query';
import { isSetConfig, pathsIn, schemasIn } from './references.ts';
import { below, nameWords } from './walk.ts';
import type { Hit, State } from './state.ts';
import type { Statement } from './parse.ts';

/** What a shared server alone has: others in the same database, and one operator. */
export function sharedRules({ node, inBody }: Statement, state: State): readonly Hit[] {
  return [
    ...outside(node, inBody, state),
    ...serverWide(node, state),
    ...grants(node, state),
    ...sessions(node, state),
    ...definers(node),
    ...waits(node, state),
  ];
}

function outside(node: Node, inBody: readonly string[], { place, live }: State): readonly Hit[] {
  const own = new Set([...place.schemas, ...(live?.schemas ?? [])]);
  const made = 'CreateSchemaStmt' in node ? (node.CreateSchemaStmt.schemaname ?? '') : null;
  const ofOthers = [...inBody, ...pathsIn(node)].filter((schema) => place.neighbours.has(schema));
  const hits = [...new Set([...schemasIn(node), ...ofOthers])].flatMap((schema): readonly Hit[] => {
    if (schema === made || own.has(schema)) return [];
    const owner = place.neighbours.get(schema);
    if (owner !== undefined) return [{ rule: 'neighbour-object', message: `schema "${schema}" is that of app "${owner}"` }];
    // What lies in `public` of a shared database is often an extension's: its types and functions are for everybody.
    if (place.alone || (schema === 'public' && !changes(node))) return [];
    return [{ rule: 'outside-own-schema', message: `schema "${schema}" of database "${place.database}" is not app "${place.app}"'s` }];
  });
  if (made === null || place.mayCreateSchemas) return hits;
  return [
    ...hits,
    {
      rule: 'outside-own-schema',
      message: `app "${place.app}" may make no schema in database "${place.database}", with IF NOT EXISTS neither`,
    },
  ];
}

function changes(node: Node): boolean {
  const target = [...below(node)].find(([key]) => key === 'relation')?.[1]['schemaname'];
  return !('SelectStmt' in node) && (target === 'public' || 'DropStmt' in node || 'AlterObjectSchemaStmt' in node);
}

/** Statements that stay with what the app owns. Whatever is not in here is for everybody on the server, or nobody has thought of it. */
const OWN: ReadonlySet<string> = new Set(
  `SelectStmt InsertStmt UpdateStmt DeleteStmt MergeStmt CreateStmt CreateTableAsStmt AlterTableStmt IndexStmt ReindexStmt ViewStmt RefreshMatViewStmt
  CreateSeqStmt AlterSeqStmt CreateEnumStmt AlterEnumStmt CompositeTypeStmt AlterTypeStmt CreateRangeStmt CreateDomainStmt AlterDomainStmt
  CreateFunctionStmt AlterFunctionStmt DefineStmt CreateTrigStmt RuleStmt CreatePolicyStmt AlterPolicyStmt CreateStatsStmt AlterStatsStmt
  CommentStmt RenameStmt DropStmt AlterOwnerStmt AlterObjectSchemaStmt AlterObjectDependsStmt TruncateStmt LockStmt GrantStmt AlterDefaultPrivilegesStmt
  TransactionStmt VariableSetStmt VariableShowStmt ConstraintsSetStmt DoStmt CallStmt ExplainStmt PrepareStmt ExecuteStmt DeallocateStmt DiscardStmt
  DeclareCursorStmt FetchStmt ClosePortalStmt NotifyStmt ListenStmt UnlistenStmt VacuumStmt CreateSchemaStmt CreateForeignTableStmt CopyStmt
  AlterOperatorStmt CreateOpClassStmt CreateOpFamilyStmt AlterOpFamilyStmt AlterTSDictionaryStmt AlterTSConfigurationStmt CreateConversionStmt`.split(
    /\s+/u,
  ),
);

/** Objects that belong to the database or the server as a whole. */
const WIDE_OBJECTS = new Map([
  ['OBJECT_DATABASE', 'a database'],
  ['OBJECT_ROLE', 'a role'],
  ['OBJECT_EXTENSION', 'an extension'],
  ['OBJECT_EVENT_TRIGGER', 'an event trigger'],
  ['OBJECT_LANGUAGE', 'a language'],
  ['OBJECT_TABLESPACE', 'a tablespace'],
  ['OBJECT_FDW', 'a foreign-data wrapper'],
  ['OBJECT_FOREIGN_SERVER', 'a foreign server'],
  ['OBJECT_PUBLICATION', 'a publication'],
  ['OBJECT_SUBSCRIPTION', 'a subscription'],
  ['OBJECT_PARAMETER_ACL', 'a parameter'],
  ['OBJECT_ACCESS_METHOD', 'an access method'],
  ['OBJECT_CAST', 'a cast'],
]);

function serverWide(node: Node, { live }: State): readonly Hit[] {
  const [kind = ''] = Object.keys(node);
  const said = (message: string): readonly Hit[] => [{ rule: 'server-wide-statement', message }];
  if ('CreateExtensionStmt' in node) {
    const { extname = '', if_not_exists: careful = false } = node.CreateExtensionStmt;
    return careful && live?.extensions.has(extname) === true ? [] : said(`extension "${extname}" would be there for the whole database`);
  }
  if ('CopyStmt' in node && node.CopyStmt.filename !== undefined)
    return said(`COPY ${node.CopyStmt.is_program ? 'runs a program' : 'uses a file'} on the server`);
  if ('ReindexStmt' in node && ['REINDEX_OBJECT_SYSTEM', 'REINDEX_OBJECT_DATABASE'].includes(node.ReindexStmt.kind ?? ''))
    return said('it rebuilds the indexes of every app of the database');
  if ('VacuumStmt' in node && (node.VacuumStmt.rels ?? []).length === 0)
    return said('without a table it goes through those of every app of the database');
  if (!OWN.has(kind))
    return said(
      `${kind
        .replace(/Stmt$/u, '')
        .replaceAll(/(?<=[a-z])(?=[A-Z])/gu, ' ')
        .toLowerCase()} is not an app's to do`,
    );
  const object = WIDE_OBJECTS.get(objectType(node) ?? '');
  return object === undefined ? [] : said(`${object} is not the app's`);
}

function objectType(node: Node): string | undefined {
  if ('DropStmt' in node) return node.DropStmt.removeType;
  if ('RenameStmt' in node) return node.RenameStmt.renameType;
  if ('AlterOwnerStmt' in node) return node.AlterOwnerStmt.objectType;
  if ('GrantStmt' in node) return node.GrantStmt.objtype;
  if ('CommentStmt' in node) return node.CommentStmt.objtype;
  return undefined;
}

function grants(node: Node, { place }: State): readonly Hit[] {
  const defaults = 'AlterDefaultPrivilegesStmt' in node ? node.AlterDefaultPrivilegesStmt : null;
  const grant = defaults ? defaults.action : 'GrantStmt' in node ? node.GrantStmt : undefined;
  const hits = new Set<string>();
  for (const role of (defaults?.options ?? []).flatMap(ofRoles)) if (isForeign(role, place.roles)) hits.add(nameOf(role));
  if (grant?.is_grant === true) for (const role of rolesOf(grant.grantees)) if (isForeign(role, place.roles)) hits.add(nameOf(role));
  if ('AlterOwnerStmt' in node && isForeign(node.AlterOwnerStmt.newowner ?? {}, place.roles))
    hits.add(nameOf(node.AlterOwnerStmt.newowner ?? {}));
  if ('AlterTableStmt' in node)
    for (const [key, bag] of below(node)) if (key === 'newowner' && isForeign(bag, place.roles)) hits.add(nameOf(bag));
  return [...hits].map((who) => ({ rule: 'grant-outside', message: `${who} is not of app "${place.app}"` }));
}

/** Of ALTER DEFAULT PRIVILEGES FOR ROLE. */
function ofRoles(option: Node): readonly RoleSpec[] {
  if (!('DefElem' in option) || option.DefElem.defname !== 'roles') return [];
  const { arg } = option.DefElem;
  return arg && 'List' in arg ? rolesOf(arg.List.items) : [];
}

function rolesOf(nodes: readonly Node[] | undefined): readonly RoleSpec[] {
  return (nodes ?? []).flatMap((node) => ('RoleSpec' in node ? [node.RoleSpec] : []));
}

function isForeign({ roletype, rolename }: RoleSpec, own: ReadonlySet<string>): boolean {
  if (roletype === 'ROLESPEC_PUBLIC') return true;
  return roletype === 'ROLESPEC_CSTRING' && !own.has(rolename ?? '');
}

function nameOf({ roletype, rolename = '' }: RoleSpec): string {
  return roletype === 'ROLESPEC_PUBLIC' ? 'PUBLIC, which is every login of the database,' : `role "${rolename}"`;
}

const LASTING: Hit = { rule: 'session-search-path', message: 'SET search_path lasts as long as the connection' };

function sessions(node: Node, { place }: State): readonly Hit[] {
  const calls = [...below(node)].filter(([key, bag]) => isSetConfig(key, bag) && JSON.stringify(bag['args']).includes('"boolval":{}'));
  if (calls.length > 0) return [LASTING];
  if (!('VariableSetStmt' in node)) return [];
  const { name = '', is_local: local = false, kind, args = [] } = node.VariableSetStmt;
  if (kind === 'VAR_RESET' || kind === 'VAR_RESET_ALL' || kind === 'VAR_SET_DEFAULT') return [];
  if (name === 'search_path') return local ? [] : [LASTING];
  if (name !== 'role' && name !== 'session_authorization') return [];
  const said = `SET ${name === 'role' ? 'ROLE' : 'SESSION AUTHORIZATION'}`;
  if (!local) return [{ rule: 'session-role', message: `${said} lasts as long as the connection` }];
  return args.flatMap((arg): readonly Hit[] => {
    const role = 'A_Const' in arg ? arg.A_Const.sval?.sval : undefined;
    if (role === undefined || role === 'none' || place.roles.has(role)) return [];
    return [{ rule: 'session-role', message: `${said}: role "${role}" is not of app "${place.app}"` }];
  });
}

function definers(node: Node): readonly Hit[] {
  const options =
    'CreateFunctionStmt' in node
      ? node.CreateFunctionStmt.options
      : 'AlterFunctionStmt' in node
        ? node.AlterFunctionStmt.actions
        : undefined;
  const named = (options ?? []).flatMap((option) => ('DefElem' in option ? [option.DefElem] : []));
  const definer = named.some(
    ({ defname, arg }) => defname === 'security' && arg !== undefined && 'Boolean' in arg && arg.Boolean.boolval === true,
  );
  const pinned = named.some(
    ({ defname, arg }) => defname === 'set' && arg !== undefined && 'VariableSetStmt' in arg && arg.VariableSetStmt.name === 'search_path',
  );
  if (!definer || pinned) return [];
  const words =
    'CreateFunctionStmt' in node
      ? nameWords(node.CreateFunctionStmt.funcname)
      : 'AlterFunctionStmt' in node
        ? nameWords(node.AlterFunctionStmt.func?.objname)
        : [];
  return [{ rule: 'unpinned-security-definer', message: `function "${words.join('.')}" is SECURITY DEFINER and sets no search_path` }];
}

/** What is built CONCURRENTLY waits for the transactions of everybody in the database. */
function waits(node: Node, state: State): readonly Hit[] {
  if (!isConcurrent(node)) return [];
  const old = (state.live?.holders ?? []).map(({ who, since }) => `${who} since ${since}`);
  if (old.length > 0) return [{ rule: 'concurrent-index-blocked', message: `it would wait now for ${old.join(', ')}` }];
  if (state.lockTimeout || state.place.lockTimeout)
    return [
      { rule: 'concurrent-index-blocked', message: 'a lock_timeout is set: any older transaction of the database makes it fail half way' },
    ];
  return [];
}

export function isConcurrent(node: Node): boolean {
  if ('IndexStmt' in node) return node.IndexStmt.concurrent === true;
  if ('ReindexStmt' in node)
    return (node.ReindexStmt.params ?? []).some((param) => 'DefElem' in param && param.DefElem.defname === 'concurrently');
  return false;
}
