import type { Node } from 'libpg-query';
import type { Statement } from './parse.ts';
import { isConcurrent } from './shared-rules.ts';
import { type Hit, inUse, keyOf, large, type Named, type State } from './state.ts';
import { alterTable } from './table-rules.ts';
import { objectWords } from './walk.ts';

/** What a statement does to tables and indexes that are used. Notes what it makes. */
export function objectRules({ node }: Statement, state: State): readonly Hit[] {
  if ('CreateStmt' in node && node.CreateStmt.relation) state.made.add(keyOf(node.CreateStmt.relation, state));
  if ('CreateTableAsStmt' in node && node.CreateTableAsStmt.into?.rel) state.made.add(keyOf(node.CreateTableAsStmt.into.rel, state));
  return [
    ...indexes(node, state),
    ...alterTable(node, state),
    ...lost(node, state),
    ...whole(node, state),
    ...held(node, state),
    ...filled(node, state),
  ];
}

function indexes(node: Node, state: State): readonly Hit[] {
  if ('IndexStmt' in node && !isConcurrent(node)) {
    const size = large(node.IndexStmt.relation, state);
    return size === null ? [] : [{ rule: 'require-concurrent-index-creation', message: size }];
  }
  if ('ReindexStmt' in node && !isConcurrent(node)) {
    const table = node.ReindexStmt.kind === 'REINDEX_OBJECT_INDEX' ? tableOf(node.ReindexStmt.relation, state) : node.ReindexStmt.relation;
    const size = table ? large(table, state) : null;
    return size === null ? [] : [{ rule: 'require-concurrent-reindex', message: size }];
  }
  if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_INDEX' || node.DropStmt.concurrent === true) return [];
  return dropped(node.DropStmt.objects).flatMap((index): readonly Hit[] => {
    const table = tableOf(index, state);
    if (!table || !inUse(table, state)) return [];
    return [
      {
        rule: 'require-concurrent-index-deletion',
        message: `index "${index.relname ?? ''}"${table.relname === index.relname ? '' : ` of "${table.relname ?? ''}"`}`,
      },
    ];
  });
}

/** The table of an index; where no server was asked, the index itself in its place: nothing is known of either. */
function tableOf(index: Named | undefined, state: State): Named | null {
  if (!index) return null;
  if (!state.live) return index;
  const [schemaname = '', relname = ''] = state.live.indexes.get(keyOf(index, state))?.split('.') ?? [];
  return relname === '' ? null : { schemaname, relname };
}

function dropped(objects: readonly Node[] | undefined): readonly Named[] {
  return (objects ?? []).map((object) => {
    const words = objectWords(object);
    const schemaname = words.at(-2);
    return { relname: words.at(-1) ?? '', ...(schemaname === undefined ? {} : { schemaname }) };
  });
}

function lost(node: Node, state: State): readonly Hit[] {
  if ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_TABLE') {
    return dropped(node.DropStmt.objects)
      .filter((table) => inUse(table, state))
      .map((table): Hit => ({ rule: 'ban-drop-table', message: `table "${table.relname ?? ''}"` }));
  }
  if ('TruncateStmt' in node && node.TruncateStmt.behavior === 'DROP_CASCADE')
    return [{ rule: 'ban-truncate-cascade', message: 'TRUNCATE … CASCADE' }];
  if (!('RenameStmt' in node) || !inUse(node.RenameStmt.relation, state)) return [];
  const { renameType, relation, subname = '', newname = '' } = node.RenameStmt;
  if (renameType === 'OBJECT_TABLE') return [{ rule: 'renaming-table', message: `"${relation?.relname ?? ''}" becomes "${newname}"` }];
  if (renameType !== 'OBJECT_COLUMN' || node.RenameStmt.relationType !== 'OBJECT_TABLE') return [];
  return [{ rule: 'renaming-column', message: `"${subname}" of "${relation?.relname ?? ''}" becomes "${newname}"` }];
}

function whole(node: Node, state: State): readonly Hit[] {
  if ('DoStmt' in node) return [{ rule: 'execute', message: 'a DO block' }];
  if (!('VacuumStmt' in node)) return vacuumed(node, state);
  const full = (node.VacuumStmt.options ?? []).some((option) => 'DefElem' in option && option.DefElem.defname === 'full');
  if (!full) return [];
  return (node.VacuumStmt.rels ?? []).flatMap((rel): readonly Hit[] => {
    const size = 'VacuumRelation' in rel ? large(rel.VacuumRelation.relation, state) : null;
    return size === null ? [] : [{ rule: 'prefer-repack', message: size }];
  });
}

/** CLUSTER (and REPACK, as later servers call it), by any name that the parser has for it. */
function vacuumed(node: Node, state: State): readonly Hit[] {
  if (!('ClusterStmt' in node)) return [];
  const size = large(node.ClusterStmt.relation, state);
  return size === null ? [] : [{ rule: 'prefer-repack', message: size }];
}

/** A lock that keeps everybody out, without an end to the wait for it. */
function held(node: Node, state: State): readonly Hit[] {
  if (state.lockTimeout || state.place.lockTimeout) return [];
  const tables: readonly (Named | undefined)[] =
    'AlterTableStmt' in node && node.AlterTableStmt.objtype === 'OBJECT_TABLE'
      ? [node.AlterTableStmt.relation]
      : 'DropStmt' in node && node.DropStmt.removeType === 'OBJECT_TABLE'
        ? dropped(node.DropStmt.objects)
        : 'RenameStmt' in node && node.RenameStmt.renameType !== 'OBJECT_INDEX'
          ? [node.RenameStmt.relation]
          : [];
  return tables.flatMap((table): readonly Hit[] => {
    const size = large(table, state);
    return size === null ? [] : [{ rule: 'require-lock-timeout', message: size }];
  });
}

/** All rows are written while the lock of a change is held. */
function filled(node: Node, state: State): readonly Hit[] {
  if ('AlterTableStmt' in node) state.altered = true;
  if (!state.altered || !(state.script.transaction || state.begun)) return [];
  const relation = 'UpdateStmt' in node ? node.UpdateStmt.relation : 'DeleteStmt' in node ? node.DeleteStmt.relation : undefined;
  const size = large(relation, state);
  return size === null ? [] : [{ rule: 'backfill', message: size }];
}
