import type { Path } from '../model/index.ts';
import type { Findings } from './findings.ts';
import { hasPassword } from './mask.ts';
import { type Node, pathText, type ScalarNode, textsIn } from './node.ts';

/**
 * A URL with a password anywhere in the file is an error; what a setting of an app's sessions holds may come from the environment.
 * The message and the frame never show it.
 */
export function checkPasswords(root: Node, findings: Findings): void {
  for (const [node, path] of textsIn(root))
    if (hasPassword(node.value) && !(node.env !== undefined && path.at(-2) === 'settings')) refuse(node, path, findings);
}

function refuse(node: ScalarNode, path: Path, findings: Findings): void {
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
