import { join } from 'node:path';
import { expect, it } from 'vitest';
import { jsonReference } from './json-reference.ts';

it('docs/json.md is what the schemas say', async () => {
  await expect(jsonReference()).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/json.md'));
});
