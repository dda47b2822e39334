import type { Path } from '../model/index.ts';
import type { Findings } from './findings.ts';
import { hasPassword } from './mask.ts';
import { type Node, pathText } from './node.ts';

/** A URL with a password anywhere in the file is an error. The message and the frame never show it. */
export function checkPasswords(node: Node, path: Path, findings: Findings): void {
  if (node.kind === 'list') for (const [index, item] of node.items.entries()) checkPasswords(item, [...path, index], findings);
  if (node.kind === 'map') for (const [key, entry] of node.entries) checkPasswords(entry.node, [...path, key], findings);
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || !hasPassword(node.value)) return;
  const fromEnv = node.env !== undefined;
  findings.add({
    code: 'CT1301',
    message: fromEnv
      ? `The URL in ${pathText(path)}, filled from the environment, holds a password.`
      : `The URL in ${pathText(path)} holds a password.`,
    span: node.span,
    path,
    expected: 'a URL without a password',
    hint: fromEnv
      ? 'Take the password out of that variable, put it into one of its own, and write `password: { env: NAME }` beside the URL.'
      : 'Take it out and write `password: { env: NAME }` or `password: { file: PATH }` beside the URL. Change the password if the file was shared.',
  });
}
