import type { Command } from 'commander';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { pwshScript } from './pwsh.ts';
import { type Tree, treeOf } from './tree.ts';
import { zshScript } from './zsh.ts';

export type Shell = 'bash' | 'zsh' | 'fish' | 'pwsh';

const scripts: Record<Shell, (tree: Tree) => string> = { bash: bashScript, zsh: zshScript, fish: fishScript, pwsh: pwshScript };

export function completionScript(shell: Shell, program: Command): string {
  return scripts[shell](treeOf(program));
}
