import type { Lifetimes } from '../../src/engine/index.ts';
import type { CheckText } from '../../src/model/index.ts';

export interface Checked {
  readonly title: string;
  readonly checks: readonly CheckText[];
  readonly lifetimes: readonly Lifetimes[];
}

const head = `# Doctor

\`cotenant doctor\` looks for what ails the servers, and says it by app: who is in whose way, what is about to run out, what of an app is missing. Every finding has a stable id, a severity, the figures, and what ends it as a command or a statement to paste. \`cotenant explain CT-D107\` says what an id means.

<!-- Made from the checks in src/engine/doctor-checks.ts and src/engines/*/doctor/: \`npx vitest run test/docs/doctor.test.ts -u\` writes this page again. -->

\`\`\`
cotenant doctor                 everything, the worst first
cotenant doctor --app shop      what concerns shop, and the servers that it lives on
cotenant doctor --json          the same for programs; cotenant schema doctor describes it
cotenant doctor --fix           sends what harms nobody, and looks again
\`\`\`

Exit code 0: nothing, or remarks only. 2: errors or warnings. 4 or 5: a server rejected the operator or could not be reached, and nothing was found on the others.

## What it does to the servers

- It reads, in sessions that cannot write, and each statement has five seconds. A statement that waits longer, or that the operator may not send, loses its own checks and no others; the report says which (\`could not look: …\`).
- The number of statements depends on the number of databases that apps live in, not on that of the apps.
- It reads no rows, no text of a query and no name that a client gave itself: there may be secrets in them. What is printed of a session is whose it is, its number, and for how long.
- The operator's session runs nothing of the apps: its search path is the server's own catalog, and event triggers are off where the server lets it.
- A server that is down holds up nobody: each is looked at by itself.
- Where an instance has a \`pooler\`, one app of each database logs in twice, once through it and once past it.

## What \`--fix\` sends

Only what takes nothing from anybody, ends no session and holds no lock that an app could wait for; as a plan, under the lock of the instance, with \`--dry-run\` to see it first. Everything else is printed to be pasted by somebody who knows: making an index again runs expressions of its app and can wait for its transactions; \`ANALYZE\` does so too; to end a session, to drop a slot or to change what a server throws away when its memory is full takes something from somebody.
`;

/** The text of docs/doctor.md. An engine that has no checks yet is left out. */
export function doctorReference(all: readonly Checked[]): string {
  const engines = all.filter(({ checks }) => checks.length > 0);
  const fixes = engines.map(({ title, checks }) => {
    const sent = checks.flatMap(({ id, fix }) => (fix === undefined ? [] : [`${id}: ${fix}`]));
    return `- ${title}: ${sent.length === 0 ? 'nothing.' : sent.join(' ')}`;
  });
  const tables = engines.map(({ title, checks }) => {
    const rows = checks.map(
      ({ id, title: what, severity, looks, why, remedy }) => `| ${id} | ${what} | ${severity} | ${looks} | ${why} | ${remedy} |`,
    );
    return `### ${title}\n\n| id | finding | at worst | what is read | why it matters | what ends it |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  const lives = engines
    .flatMap(({ lifetimes }) => lifetimes)
    .map(({ title, source, read, ends }) => {
      const rows = ends.map(([version, day]) => `| ${version} | ${day ?? 'not announced'} |`);
      return `### ${title}\n\nFrom ${source}, as of ${read}.\n\n| version | last day |\n|---|---|\n${rows.join('\n')}\n`;
    });
  return [head, `${fixes.join('\n')}\n`, '## Checks\n', ...tables, '## Ends of life\n', ...lives].join('\n');
}
