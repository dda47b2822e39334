import { expect, test } from 'vitest';
import { rules } from '../../src/engines/postgres/lint/rules.ts';
import { examples } from '../engines/postgres/lint/examples.ts';

const sql = (text: string, without: true | undefined): string =>
  `\`\`\`sql\n${without ? '-- in a revision without a transaction\n' : ''}${text}\n\`\`\``;

function page(): string {
  const parts = [
    '# Rules for migrations',
    '',
    'What `cotenant migrate lint` finds in the SQL that an app’s tool renders, before it runs. The statements are taken apart by PostgreSQL’s own parser. Names of rules are those of squawk and strong_migrations where these have the rule.',
    '',
    'Sizes are those of the live server: below 10,000 rows and 8 MiB, and for a table that a waiting revision makes, locks and rewrites are over before somebody notices, and nothing is said. A comment takes a rule back for the statement after it: `-- squawk-ignore ban-drop-column` (or `cotenant-ignore`). In the examples `shop` lives in schema `shop` beside app `crm`, `orders` is large, and `people` is not. What the second example of each rule recommends was run by the tests on PostgreSQL 14 and 18, with the login of the app.',
    '',
    '<!-- Generated from src/engines/postgres/lint/rules.ts and test/engines/postgres/lint/examples.ts by `npx vitest run test/docs/migrations-lint.test.ts --update`. -->',
    '',
  ];
  for (const severity of ['error', 'warning'] as const) {
    parts.push(
      severity === 'error'
        ? '## Errors: it fails, or others are harmed'
        : '## Warnings: the app itself stands still for a while, or its running code breaks',
      '',
    );
    for (const { id, title, why, instead } of rules.filter((rule) => rule.severity === severity)) {
      const example = examples[id];
      parts.push(
        `### ${id}: ${title}`,
        '',
        `${why} Instead: ${instead}.`,
        '',
        'Found:',
        '',
        sql(example?.bad ?? '', example?.badWithout),
        '',
        'Not found:',
        '',
        sql(example?.good ?? '', example?.goodWithout),
        '',
      );
    }
  }
  return `${parts.join('\n').trimEnd()}\n`;
}

test('docs/migrations-lint.md is what the rules say', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/migrations-lint.md');
});
