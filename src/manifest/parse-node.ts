import type { core } from 'zod';
import { safeParse } from 'zod/v4/core';
import { find, type Node, replaceAt, toPlain } from './node.ts';

/** What a schema made of a tree, and the tree with texts from the environment turned into what the schema wants. */
export type NodeResult<T> =
  | { readonly ok: true; readonly value: T; readonly node: Node }
  | { readonly ok: false; readonly issues: readonly core.$ZodIssue[]; readonly node: Node };

/** Parses the tree. A text that is one `${VAR}` counts as a number or boolean where one is wanted. */
export function parseNode<T>(schema: core.$ZodType<T>, root: Node): NodeResult<T> {
  let node = root;
  for (;;) {
    const result = safeParse(schema, toPlain(node));
    if (result.success) return { ok: true, value: result.data, node };
    const next = result.error.issues.reduce((tree, issue) => coerceIssue(tree, issue, []), node);
    if (next === node) return { ok: false, issues: result.error.issues, node };
    node = next;
  }
}

/** Each step turns at least one text into something else, so parsing again comes to an end. */
function coerceIssue(root: Node, issue: core.$ZodIssue, before: readonly PropertyKey[]): Node {
  const path = [...before, ...issue.path];
  if (issue.code === 'invalid_union') {
    return issue.errors.flat().reduce((tree, inner) => coerceIssue(tree, inner, path), root);
  }
  if (issue.code !== 'invalid_type' && issue.code !== 'invalid_value') return root;
  const found = find(root, path);
  const { node } = found;
  if (found.depth < path.length || node.kind !== 'scalar' || node.env !== 'whole' || typeof node.value !== 'string') return root;
  const value = coerced(node.value, issue);
  return value === null ? root : replaceAt(root, path, () => ({ ...node, value }));
}

function coerced(text: string, issue: core.$ZodIssueInvalidType | core.$ZodIssueInvalidValue): number | boolean | null {
  const wanted = issue.code === 'invalid_type' ? [issue.expected] : issue.values.map((value) => typeof value);
  if (wanted.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (wanted.some((type) => type === 'number' || type === 'int') && /^-?\d{1,15}(\.\d+)?$/.test(text)) return Number(text);
  return null;
}
