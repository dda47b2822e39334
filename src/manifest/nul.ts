import type { Findings } from './findings.ts';
import { type Node, pathText, textsIn } from './node.ts';

/** Refuses what only an escape can write: a NUL byte, which no server takes in a name and no environment in a value. */
export function checkNul(root: Node, findings: Findings): void {
  for (const [{ value, span }, path] of textsIn(root)) {
    if (!value.includes('\0')) continue;
    findings.add({
      code: 'CT1015',
      message: `The text in ${pathText(path)} contains a NUL byte.`,
      span,
      path,
      expected: 'text without NUL bytes',
      hint: 'Remove the escape \\0.',
    });
  }
}
