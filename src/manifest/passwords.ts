import type { Path } from '../model/index.ts';
import { envToken, isEnvPath } from './env-map.ts';
import type { Findings } from './findings.ts';
import { hasPassword } from './mask.ts';
import { type Node, pathText, type ScalarNode, textsIn } from './node.ts';

/**
 * A URL with a password anywhere in the file is an error; what a setting of an app's sessions holds may come from the environment.
 * The message and the frame never show it.
 */
export function checkPasswords(root: Node, findings: Findings): void {
  for (const [node, path] of textsIn(root)) {
    const isOwn = isEnvPath(path);
    // What a reference stands for is not in the file.
    const text = isOwn ? node.value.replaceAll(envToken, '') : node.value;
    if (hasPassword(text) && !(node.env !== undefined && (isOwn || path.at(-2) === 'settings'))) refuse(node, path, findings);
  }
}

function refuse(node: ScalarNode, path: Path, findings: Findings): void {
  const fromEnv = node.env !== undefined;
  findings.add({
    code: 'CT1301',
    message: fromEnv
      ? `The URL in ${pathText(path)}, filled in from the environment, contains a password.`
      : `The URL in ${pathText(path)} contains a password.`,
    span: node.span,
    path,
    expected: 'a URL without a password',
    hint: fromEnv
      ? 'Move the password from that variable to a separate one, and add `password: { env: NAME }` beside the URL.'
      : 'Remove it and add `password: { env: NAME }` or `password: { file: PATH }` beside the URL. Change the password if the file was shared.',
  });
}
