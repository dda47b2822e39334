import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandsAt } from '../support/help.ts';
import { helpReference } from './help-reference.ts';

it('docs/cli.md is what the command tree says', async () => {
  await expect(helpReference()).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/cli.md'));
});

it('every command shows an example before all else', () => {
  const without = commandsAt(80).filter((command) => !/^Usage: [^]*?\n\nExample: .*cotenant /.test(command.helpInformation()));
  expect(without.map((command) => command.name())).toEqual([]);
});
