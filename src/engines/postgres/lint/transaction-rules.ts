import type { Node } from 'libpg-query';
import type { Statement } from './parse.ts';
import { isConcurrent } from './shared-rules.ts';
import type { Hit, State } from './state.ts';
import { below } from './walk.ts';

/** What the tool's transaction does to a statement, and the statement to it. Keeps count of what a script begins and sets. */
export function transactionRules(statement: Statement, state: State): readonly Hit[] {
  const { node, long } = statement;
  if ('TransactionStmt' in node) return transaction(node.TransactionStmt.kind ?? '', state);
  if ('VariableSetStmt' in node && node.VariableSetStmt.name === 'lock_timeout') state.lockTimeout = isOn(node);
  const hits = long.map((name): Hit => ({ rule: 'identifier-too-long', message: `"${name}" has ${Buffer.byteLength(name)} bytes` }));
  if (detachesConcurrently(node) && inTransaction(state))
    hits.push({
      rule: 'ban-concurrent-index-creation-in-transaction',
      message: `revision "${state.script.revision}" runs in a transaction`,
    });
  if (!inTransaction(state) && !isRepeatable(node))
    hits.push({ rule: 'prefer-robust-stmts', message: `revision "${state.script.revision}" runs without a transaction` });
  return hits;
}

/** What the end of a script leaves open. */
export function unended(state: State): readonly Hit[] {
  return state.begun && !state.script.transaction
    ? [{ rule: 'ban-uncommitted-transaction', message: 'BEGIN without COMMIT: nothing of it stays' }]
    : [];
}

function inTransaction({ script, begun }: State): boolean {
  return script.transaction || begun;
}

const BEGINS = new Set(['TRANS_STMT_BEGIN', 'TRANS_STMT_START']);
const ENDS = new Set(['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK', 'TRANS_STMT_PREPARE']);

function transaction(kind: string, state: State): readonly Hit[] {
  const begins = BEGINS.has(kind);
  if (!begins && !ENDS.has(kind)) return [];
  const nested = state.script.transaction || (begins && state.begun);
  state.begun = begins;
  state.altered = false;
  return nested
    ? [
        {
          rule: 'transaction-nesting',
          message: `${begins ? 'BEGIN' : 'COMMIT or ROLLBACK'} inside the transaction of revision "${state.script.revision}"`,
        },
      ]
    : [];
}

function isOn(node: Extract<Node, { VariableSetStmt: unknown }>): boolean {
  const { kind, args } = node.VariableSetStmt;
  if (kind !== 'VAR_SET_VALUE') return false;
  const [value] = args ?? [];
  if (!value || !('A_Const' in value)) return true;
  const { ival, sval } = value.A_Const;
  return sval ? !/^0+\s*[a-z]*$/u.test(sval.sval ?? '') : (ival?.ival ?? 0) !== 0;
}

function detachesConcurrently(node: Node): boolean {
  if (isConcurrent(node)) return true;
  if ('DropStmt' in node) return node.DropStmt.concurrent === true;
  return 'AlterTableStmt' in node && [...below(node)].some(([key, bag]) => key === 'PartitionCmd' && bag['concurrent'] === true);
}

/** A second try meets what the first one left, and goes on. */
function isRepeatable(node: Node): boolean {
  if ('CreateStmt' in node) return node.CreateStmt.if_not_exists === true;
  if ('IndexStmt' in node) return node.IndexStmt.if_not_exists === true;
  if ('CreateTableAsStmt' in node) return node.CreateTableAsStmt.if_not_exists === true;
  if ('CreateSeqStmt' in node) return node.CreateSeqStmt.if_not_exists === true;
  if ('DropStmt' in node) return node.DropStmt.missing_ok === true;
  if ('InsertStmt' in node) return node.InsertStmt.onConflictClause !== undefined;
  if (!('AlterTableStmt' in node)) return true;
  return [...below(node)].every(([key, bag]) => {
    if (key !== 'AlterTableCmd') return true;
    if (bag['subtype'] === 'AT_AddConstraint') return false;
    return (
      (bag['subtype'] !== 'AT_AddColumn' && bag['subtype'] !== 'AT_DropColumn' && bag['subtype'] !== 'AT_DropConstraint') ||
      bag['missing_ok'] === true
    );
  });
}
