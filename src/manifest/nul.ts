import type { Path } from '../model/index.ts';
import type { Findings } from './findings.ts';
import { type Node, pathText } from './node.ts';

/** Refuses what only an escape can write: a NUL byte, which no server takes in a name and no environment in a value. */
export function checkNul(node: Node, path: Path, findings: Findings): void {
  if (node.kind === 'list') for (const [index, item] of node.items.entries()) checkNul(item, [...path, index], findings);
  if (node.kind === 'map')
    for (const [key, entry] of node.entries) {
      // Names of instances, apps and the like are checked where they are read.
      if (key.includes('\0') && path.length > 1) refuse(`A key in ${pathText(path)}`, entry.keySpan, path, findings);
      checkNul(entry.node, [...path, key], findings);
    }
  if (node.kind === 'scalar' && typeof node.value === 'string' && node.value.includes('\0'))
    refuse(`The text in ${pathText(path)}`, node.span, path, findings);
}

function refuse(what: string, span: Node['span'], path: Path, findings: Findings): void {
  findings.add({
    code: 'CT1015',
    message: `${what} holds a NUL byte.`,
    span,
    path,
    expected: 'text without NUL bytes',
    hint: 'Take the escape \\0 out.',
  });
}
