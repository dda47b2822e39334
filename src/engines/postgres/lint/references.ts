import { type Node, scan } from 'libpg-query';
import { below, nameWords, objectWords } from './walk.ts';
import { lookUp } from '../../../util/record.ts';

type Bag = Readonly<Record<string, unknown>>;

/** Fields of the tree that hold a name in parts, whatever the statement. */
const NAMES =
  'funcname func_name names objname defnames typeName domainname collname collation opclass opclassname opfamilyname cfgname dictname conversion_name'.split(
    ' ',
  );

/** Schemas that names in it lead to, each once; the server's own left out. */
export function schemasIn(node: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [key, bag] of below(node)) {
    if (typeof bag['schemaname'] === 'string') found.add(bag['schemaname']);
    for (const schema of [...ofNames(key, bag), ...ofObjects(key, bag), ...ofOptions(key, bag), ...ofLiterals(key, bag)]) found.add(schema);
  }
  for (const own of ['pg_catalog', 'information_schema', 'pg_temp', '']) found.delete(own);
  return found;
}

function ofNames(key: string, bag: Bag): readonly string[] {
  const lists = NAMES.map((field) => lookUp(bag, field)).filter((value): value is readonly Node[] => Array.isArray(value));
  if (key === 'A_Expr') lists.push(listed(bag['name']));
  for (const dictionary of listed(bag['dicts'])) lists.push(objectWords(dictionary).map((sval) => ({ String: { sval } })));
  // Of `schema.table.column%TYPE` and `table.column%TYPE`.
  const least = bag['pct_type'] === true ? 3 : 2;
  return lists.map((list) => nameWords(list)).flatMap((words) => (words.length < least ? [] : words.slice(0, 1)));
}

/** Objects of a table: its name stands in front of theirs. */
const ON_TABLE = new Set(['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE', 'OBJECT_TABCONSTRAINT', 'OBJECT_COLUMN']);
const NO_SCHEMA = new Set(['OBJECT_DATABASE', 'OBJECT_ROLE', 'OBJECT_EXTENSION', 'OBJECT_LANGUAGE', 'OBJECT_TABLESPACE', 'OBJECT_CAST']);

function ofObjects(key: string, bag: Bag): readonly string[] {
  if (key === 'AlterObjectSchemaStmt') return oneWord(bag['newschema']);
  if (key === 'ReindexStmt' && bag['kind'] === 'REINDEX_OBJECT_SCHEMA') return oneWord(bag['name']);
  if (key === 'RenameStmt' && bag['renameType'] === 'OBJECT_SCHEMA') return oneWord(bag['subname']);
  const type = bag['removeType'] ?? bag['objtype'] ?? bag['renameType'] ?? bag['objectType'];
  const objects = listed(bag['objects'] ?? bag['object']);
  if (key === 'GrantStmt' && bag['targtype'] === 'ACL_TARGET_ALL_IN_SCHEMA') return objects.flatMap(objectWords);
  if (!['DropStmt', 'CommentStmt', 'GrantStmt', 'RenameStmt', 'AlterOwnerStmt', 'AlterObjectSchemaStmt'].includes(key)) return [];
  return objects.flatMap((object) => {
    const words = objectWords(object);
    if (type === 'OBJECT_SCHEMA') return words;
    if (typeof type !== 'string' || NO_SCHEMA.has(type)) return [];
    return words.length > (ON_TABLE.has(type) ? 2 : 1) ? words.slice(0, 1) : [];
  });
}

function ofOptions(key: string, bag: Bag): readonly string[] {
  if (key !== 'DefElem') return [];
  const words = objectWords(bag['arg'] as Node | undefined);
  if (bag['defname'] === 'owned_by') return words.length > 2 ? words.slice(0, 1) : [];
  return bag['defname'] === 'schemas' || bag['defname'] === 'schema' ? words : [];
}

/** Functions that take the name of an object as a text. */
const BY_NAME = /^(?:nextval|setval|currval|to_reg\w+|pg_get_serial_sequence|pg_\w+_size|has_\w+_privilege)$/u;

function ofLiterals(key: string, bag: Bag): readonly string[] {
  const called = key === 'FuncCall' && BY_NAME.test(nameWords(listed(bag['funcname'])).at(-1) ?? '');
  const type = bag['typeName'] as { readonly names?: readonly Node[] } | undefined;
  const cast =
    key === 'TypeCast' && /^reg(?:class|proc|procedure|oper|operator|type|config|dictionary)$/u.test(nameWords(type?.names).at(-1) ?? '');
  const args = called ? listed(bag['args']) : cast ? [bag['arg'] as Node] : [];
  return args.flatMap((arg) => {
    const [, quoted, plain] = /^\s*(?:"((?:[^"]|"")*)"|([\w$]+))\s*\./u.exec(textOf(arg) ?? '') ?? [];
    return quoted === undefined ? oneWord(plain?.toLowerCase()) : [quoted.replaceAll('""', '"')];
  });
}

function textOf(node: Node | undefined): string | undefined {
  if (!node || !('A_Const' in node)) return undefined;
  const { sval } = node.A_Const;
  return sval ? (sval.sval ?? '') : undefined;
}

/** Schemas that a search path in it names, for the session, the transaction or a function. */
export function pathsIn(node: unknown): readonly string[] {
  return [...below(node)].flatMap(([key, bag]) => {
    if (key === 'VariableSetStmt' && bag['name'] === 'search_path') return listed(bag['args']).flatMap((arg) => oneWord(textOf(arg)));
    if (!isSetConfig(key, bag)) return [];
    return (textOf(listed(bag['args'])[1]) ?? '').split(',').map((word) => word.trim().replaceAll('"', ''));
  });
}

/** `set_config('search_path', …)`, which does what SET does. */
export function isSetConfig(key: string, bag: Bag): boolean {
  return (
    key === 'FuncCall' &&
    nameWords(listed(bag['funcname'])).at(-1) === 'set_config' &&
    textOf(listed(bag['args'])[0])?.toLowerCase() === 'search_path'
  );
}

/** In front of the name of a table or procedure. */
const BEFORE = new Set(['FROM', 'JOIN', 'INTO', 'UPDATE', 'TABLE', 'ONLY', 'TRUNCATE', 'CALL', 'REFERENCES']);

/** Schemas in the body of a function or DO block, whose language the parser may not know. What stands in front of a dot elsewhere is a table or variable. */
export async function schemasInBody(node: Node): Promise<readonly string[]> {
  const options = 'CreateFunctionStmt' in node ? node.CreateFunctionStmt.options : 'DoStmt' in node ? node.DoStmt.args : undefined;
  const found: string[] = [];
  for (const [key, bag] of below(options)) {
    if (key !== 'DefElem' || bag['defname'] !== 'as') continue;
    for (const body of objectWords(bag['arg'] as Node | undefined)) found.push(...(await leadingWords(body)));
  }
  return found;
}

async function leadingWords(body: string): Promise<readonly string[]> {
  const read = await scan(body).catch(() => null);
  const bytes = Buffer.from(body);
  const words = (read?.tokens ?? [])
    .filter(({ tokenName, text }) => !tokenName.endsWith('COMMENT') && !text.startsWith('--'))
    .map(({ start, end }) => bytes.subarray(start, end).toString());
  return words.flatMap((text, at) => {
    const before = words[at - 1] ?? '';
    const named = words[at + 1] === '.' && (BEFORE.has(before.toUpperCase()) || (before !== '.' && words[at + 3] === '('));
    if (!named) return [];
    return [text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase()];
  });
}

/** The one word of a field, where it has one. */
function oneWord(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : [];
}

function listed(value: unknown): readonly Node[] {
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]) as readonly Node[];
}
