import { join } from 'node:path';
import { expect } from 'vitest';
import { createStyle, type Style } from '../../src/report/style.ts';

export const widths = [40, 80, 120] as const;

/** What people see at three widths, in one file: `npx vitest run test/golden --update` writes it anew. */
export async function golden(name: string, textAt: (style: Style) => string): Promise<void> {
  const parts = widths.map((width) => `════ ${width} columns ════\n${textAt(createStyle(false, width))}`);
  await expect(parts.join('\n')).toMatchFileSnapshot(join(import.meta.dirname, 'output', `${name}.txt`));
}
