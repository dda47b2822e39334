import type { AlterTableCmd, ColumnDef, Constraint, Node, RangeVar } from 'libpg-query';
import { rewritesType } from './types.ts';
import { callsIn, nameWords } from './walk.ts';
import { type Hit, inUse, keyOf, large, type State } from './state.ts';

/** What ALTER TABLE does to a table that is used. */
export function alterTable(node: Node, state: State): readonly Hit[] {
  if (!('AlterTableStmt' in node) || node.AlterTableStmt.objtype !== 'OBJECT_TABLE') return [];
  const { relation, cmds } = node.AlterTableStmt;
  return (cmds ?? []).flatMap((cmd) => ('AlterTableCmd' in cmd ? command(cmd.AlterTableCmd, relation, state) : []));
}

function command(cmd: AlterTableCmd, table: RangeVar | undefined, state: State): readonly Hit[] {
  const { subtype, name = '', def } = cmd;
  const used = inUse(table, state);
  if (subtype === 'AT_AddColumn' && def && 'ColumnDef' in def) return addColumn(def.ColumnDef, table, state);
  if (subtype === 'AT_DropColumn')
    return used ? [{ rule: 'ban-drop-column', message: `column "${name}" of "${table?.relname ?? ''}"` }] : [];
  if (subtype === 'AT_DropNotNull')
    return used ? [{ rule: 'ban-drop-not-null', message: `column "${name}" of "${table?.relname ?? ''}"` }] : [];
  if (subtype === 'AT_SetNotNull') return setNotNull(name, table, state);
  if (subtype === 'AT_AlterColumnType' && def && 'ColumnDef' in def) return changeType(name, def.ColumnDef, table, state);
  if (subtype === 'AT_AddConstraint' && def && 'Constraint' in def) return addConstraint(def.Constraint, table, state);
  if (subtype === 'AT_DetachPartition' && def && 'PartitionCmd' in def && def.PartitionCmd.concurrent !== true) {
    return used ? [{ rule: 'require-concurrent-partition-detach', message: `"${table?.relname ?? ''}" is in use` }] : [];
  }
  return [];
}

function addColumn(column: ColumnDef, table: RangeVar | undefined, state: State): readonly Hit[] {
  if (!inUse(table, state)) return [];
  const hits: Hit[] = [];
  const constraints = constraintsOf(column);
  const has = (kind: string): Constraint | undefined => constraints.find(({ contype }) => contype === kind);
  const type = nameWords(column.typeName?.names).at(-1) ?? '';
  const serial = /^(?:big|small)?serial[248]?$/u.test(type);
  const filled = (serial || has('CONSTR_DEFAULT')) ?? has('CONSTR_GENERATED') ?? has('CONSTR_IDENTITY');
  const named = `column "${column.colname ?? ''}" of "${table?.relname ?? ''}"`;
  if (has('CONSTR_NOTNULL') && !filled) hits.push({ rule: 'adding-required-field', message: `${named} is NOT NULL without a default` });
  const why = serial ? 'its type takes the next value of a sequence' : whyRewritten(column, state);
  const size = why === null ? null : large(table, state);
  if (size !== null) hits.push({ rule: 'adding-field-with-default', message: `${size} is written anew: ${why}` });
  if (type === 'json') hits.push({ rule: 'add-column-json', message: named });
  for (const constraint of constraints) hits.push(...inline(constraint, table, state));
  return hits;
}

/** Constraints beside a new column: it is empty, or its default is the same everywhere, but the rows are read all the same. */
function inline(constraint: Constraint, table: RangeVar | undefined, state: State): readonly Hit[] {
  const { contype } = constraint;
  return contype === 'CONSTR_CHECK' || contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_FOREIGN'
    ? addConstraint(constraint, table, state)
    : [];
}

function constraintsOf(column: ColumnDef): readonly Constraint[] {
  return (column.constraints ?? []).flatMap((one) => ('Constraint' in one ? [one.Constraint] : []));
}

function whyRewritten(column: ColumnDef, { live }: State): string | null {
  for (const { contype, raw_expr: value, generated_kind: kind } of constraintsOf(column)) {
    if (contype === 'CONSTR_IDENTITY') return 'each row gets a number';
    if (contype === 'CONSTR_GENERATED' && kind !== 'v') return 'each row gets a stored value';
    if (contype !== 'CONSTR_DEFAULT') continue;
    const name = callsIn(value)
      .map(({ funcname }) => nameWords(funcname).at(-1) ?? '')
      .find((called) => isVolatile(called, live?.volatile));
    if (name !== undefined) return `${name}() gives another value for each row`;
  }
  return null;
}

/** Of the server's own, where it is not asked. */
const VOLATILE = new Set([
  'random',
  'gen_random_uuid',
  'uuidv4',
  'uuidv7',
  'uuid_generate_v1',
  'uuid_generate_v4',
  'clock_timestamp',
  'timeofday',
  'nextval',
  'gen_random_bytes',
]);
const STABLE = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'timezone',
  'date_trunc',
  'to_char',
  'current_setting',
  'lower',
  'upper',
  'md5',
  'concat',
  'jsonb_build_object',
  'json_build_object',
  'jsonb_build_array',
  'make_interval',
]);

function isVolatile(name: string, known: ReadonlyMap<string, boolean> | undefined): boolean {
  return known?.get(name) ?? (VOLATILE.has(name) || !STABLE.has(name));
}

function setNotNull(name: string, table: RangeVar | undefined, state: State): readonly Hit[] {
  const size = large(table, state);
  if (size === null || state.live?.tables.get(keyOf(table ?? {}, state))?.columns.get(name)?.checkedNotNull === true) return [];
  return [{ rule: 'adding-not-nullable-field', message: `${size} is read through for column "${name}"` }];
}

function changeType(name: string, to: ColumnDef, table: RangeVar | undefined, state: State): readonly Hit[] {
  const size = large(table, state);
  const now = state.live?.tables.get(keyOf(table ?? {}, state))?.columns.get(name);
  // USING changes the values, whatever the types are.
  if (size === null || (now && !to.raw_default && !to.collClause && !rewritesType(now, to.typeName))) return [];
  return [{ rule: 'changing-column-type', message: `${size} is written anew for column "${name}"` }];
}

function addConstraint(constraint: Constraint, table: RangeVar | undefined, state: State): readonly Hit[] {
  const { contype, skip_validation: later = false, indexname, conname, pktable } = constraint;
  const size = large(table, state);
  const named = conname === undefined ? 'the constraint' : `constraint "${conname}"`;
  if (contype === 'CONSTR_FOREIGN' && !later) {
    const other = large(pktable, state);
    return size === null
      ? []
      : [{ rule: 'adding-foreign-key-constraint', message: `${named}: ${size}${other === null ? '' : ` and ${other}`}` }];
  }
  if (size === null) return [];
  if (contype === 'CONSTR_CHECK' && !later) return [{ rule: 'constraint-missing-not-valid', message: `${named}: ${size}` }];
  const builds = contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_EXCLUSION';
  return builds && indexname === undefined ? [{ rule: 'disallowed-unique-constraint', message: `${named}: ${size}` }] : [];
}
