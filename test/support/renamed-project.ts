import { expect } from 'vitest';
import type { Workplace } from './workplace.ts';

/** A manifest that was applied as project `life` gets another `project:` that somebody thought of; then the old one again. */
export async function renamesProject(place: Pick<Workplace, 'write' | 'plan'>, manifest: string): Promise<void> {
  await place.write(manifest.replace('project: life', 'project: lives'));
  const { plan } = await place.plan();
  const errors = plan.diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors.map(({ code, message }) => `${code} ${message}`)).toEqual([
    expect.stringMatching(/^CT2006 .*"shop.*"blog.* on "main" belong to project "life"$/),
  ]);
  expect(errors[0]?.hint).toMatch(/put `project: life` back/);
  expect(errors[0]?.hint).not.toMatch(/delete|drop/i);
  expect(errors[0]?.location?.frame).toContain('> 2 | project: lives');
  await place.write(manifest);
  expect((await place.plan()).plan).toMatchObject({ steps: [], diagnostics: [] });
}
