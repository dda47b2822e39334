import { join } from 'node:path';
import { expect, it } from 'vitest';
import { helpReference } from './help-reference.ts';

it('docs/cli.md is what the command tree says', async () => {
  await expect(helpReference()).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/cli.md'));
});
