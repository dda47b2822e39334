import { describe, expect, it } from 'vitest';
import { describeEachPostgres } from '../../support/engines.ts';
import { testProject } from '../../support/project.ts';
import { DiagnosticError } from '../../../src/model/index.ts';

const manifest = (port: number, more = ''): string => `cotenant: 1
project: words
instances:
  main: { engine: postgres, url: "postgres://postgres@127.0.0.1:${port}/postgres"${more} }
apps:
  shop: { uses: { main: {} } }
`;

describeEachPostgres('a server that wants a password', { versions: 'ends', external: true }, (server) => {
  it.each([
    ['names none', '', {}],
    ['names an empty one', ', password: { env: PW }', { PW: '' }],
  ])('where the manifest %s', async (_, more, env) => {
    await using project = await testProject(manifest(server().port, more), env);
    const { plan } = await project.plan();
    expect(plan.diagnostics).toMatchObject([
      { code: expect.stringMatching(/^CT(3021|5001)$/) as unknown, hint: expect.stringMatching(/password|PW/) as unknown },
    ]);
  });

  it('says which field is missing', async () => {
    await using project = await testProject(manifest(server().port), {});
    const [diagnostic] = (await project.plan()).plan.diagnostics;
    expect(diagnostic).toMatchObject({
      code: 'CT3021',
      message: expect.stringContaining('asks for a password of the login "postgres"') as unknown,
    });
    expect(diagnostic?.hint).toContain('add `password: { env: NAME }`');
  });
});

describe('a number where a duration belongs', () => {
  it('is told how one is written, at once', async () => {
    await using project = await testProject(manifest(5432).replace('main: {}', 'main: { statementTimeout: 30 }'), {});
    const error = await project.open().then(
      () => null,
      (caught: unknown) => caught,
    );
    expect(error instanceof DiagnosticError ? error.diagnostics : []).toMatchObject([
      { code: 'CT1011', expected: 'a duration such as 500ms, 30s or 5min', hint: 'Use the expected format.' },
    ]);
  });
});
