import { describe, expect, test } from 'vitest';
import { setUpByHand } from '../../../support/by-hand.ts';
import { describeEachMajor, freshPostgres } from '../../../support/engines.ts';
import { manyLogins } from '../../../support/field/logins.ts';
import { oddRights } from '../../../support/field/odd.ts';
import { initScripts, type InitScript } from '../../../support/init-scripts.ts';
import { saidTwice } from '../../../support/said.ts';
import { testProject } from '../../../support/project.ts';
import { importServer } from '../../../../src/app/import.ts';
import type { Plan } from '../../../../src/model/index.ts';
import { planText } from '../../../../src/report/plan-text.ts';
import type { Major } from '../../../../src/engines/postgres/local/find.ts';

async function adoption({ lines }: Pick<InitScript, 'lines'>, major: Major, look: (plan: Plan, text: string) => void): Promise<void> {
  await using server = await freshPostgres({ major });
  await setUpByHand(server, { name: '', lines, running: [], apps: {} }, server);
  const { yaml } = await importServer({ url: server.url, password: null, env: {}, cwd: '/by-hand' });
  await using folder = await testProject(yaml, { POSTGRES_PASSWORD: server.password, SHOP_APP_JWT_SECRET: 'hush' });
  const outcome = await folder.plan();
  look(outcome.plan, planText(outcome, { steps: true }));
}

const scripts = [initScripts[0], initScripts[1], ...oddRights.slice(1, 3), ...manyLogins].filter((one) => one !== undefined);

describeEachMajor('the plan of an adoption', { versions: 'newest' }, (major) => {
  describe('says of each step what it changes, once', () => {
    test.each(scripts.map((script) => [script.name, script] as const))('%s', async (_, script) => {
      await adoption(script, major, (plan, text) => {
        expect(saidTwice(plan)).toEqual([]);
        const lists = plan.steps.flatMap(({ fields }) => fields).filter(({ field }) => /^(access|defaults|PUBLIC on) /.test(field));
        expect(lists.filter(({ added, removed }) => !added && !removed)).toEqual([]);
        // A list by what comes and goes, in words.
        expect(text).not.toMatch(/(access|defaults|PUBLIC on) .*→/);
        expect(text).not.toMatch(/: [+-] CREATE, [+-] TEMPORARY, [+-] CONNECT$|\(CREATE, USAGE\)|\(SELECT, UPDATE, USAGE\)/m);
      });
    });
  });
});
