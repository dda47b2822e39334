import type { Command } from 'commander';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { commandsAt, helpOf } from '../support/help.ts';

const width = 110;

const head = `# Command line

This page is generated from the command tree: \`npx vitest run test/docs/help-reference.test.ts -u\`.

- Data goes to stdout, everything else to stderr. \`--json\` prints exactly one JSON document on stdout, even if the command fails; an invalid command line prints none. With \`verify --watch\` it is one per line.
- No command waits for an answer that cannot come: if stdin or stderr is not a terminal, with \`--no-input\`, with \`CI\` set, and with machine-readable output, missing consent is exit code 7, and the message names the required flag.
- Steps that revoke access or may block a running app ask for confirmation, or need \`--yes\`. Destructive steps need \`--confirm=<name>\` or the name typed at the terminal; \`--yes\` never covers them. Nor does it cover losses of a login that the manifest does not name (\`--confirm=<login>\`), new passwords for logins in use (\`--confirm=new-passwords\`), or MD5 passwords that a renamed role would lose (\`--confirm=lost-passwords\`). \`--confirm=@FILE\` reads many names from a file, one per line; a name that begins with an @ itself is written with two (\`--confirm=@@localhost\`). Confirming the name of an app also confirms the lesser steps on that app. A saved plan asks like any other.
- A question that gets another answer than the one it asks for has got a no: nothing more is asked, the last line says that nothing was changed, and the exit code is 7. Ctrl-C at a question is an interruption.
- The first Ctrl-C stops after what is in progress and says what that is; the second one stops at once. Running \`apply\` again continues from there.
- At a terminal, what is longer than the screen is read in a pager: \`COTENANT_PAGER\`, else \`PAGER\`, else \`less\`. \`--no-pager\`, \`CI\`, a pipe and the pager \`cat\` print it at once. The exit code is the same. Text fits the width of the terminal; where a table leaves out columns it says which.
- What takes more than a moment says how far it is, as \`3 of 20 apps\`, and for how long: at a terminal in one line at the foot of the screen, elsewhere in lines on stderr after two seconds and every ten (\`--quiet\`: not at all).
- Where the command line says nothing, the environment may: \`COTENANT_FILE\`, \`COTENANT_NO_COLOR\`, \`COTENANT_NO_PAGER\`, \`COTENANT_NO_INPUT\`, \`COTENANT_QUIET\`, \`COTENANT_VERBOSE\`, \`COTENANT_DEBUG\` (\`0\`, \`false\`, \`no\` and an empty value are no). The command line comes first, then the environment, then the default; \`cotenant config show --origin\` prints what counts, and by whose word. There is no file of settings: what a project needs stands in its manifest. \`--quiet\` and \`--verbose\` exclude each other.
- \`--file -\` reads the manifest from stdin; relative files in it, and \`.cotenant\`, are those of the working directory.
- Long names take two dashes. One dash is an error (exit code 64), with the right spelling: \`-out=x\` would mean a file called \`ut=x\`.
- \`connect\` ends with the exit code of the client that it opens.
- Colour follows \`NO_COLOR\`, \`FORCE_COLOR\`, \`TERM=dumb\` and \`--no-color\`; nothing is expressed by colour alone.

\`--output stream-json\` prints one JSON object per line, each with \`level\`, \`message\`, \`timestamp\` and \`type\`. The first has the type \`version\` and the version of the protocol (\`"ui": "1.0"\`: the minor number grows with additions, the major one with breaking changes); the last has the type \`result\`, with \`ending\` and \`exitCode\`. Between them: \`planned_change\`, \`drift\`, \`change_summary\`, \`diagnostic\`, \`apply_start\`, \`apply_progress\`, \`apply_complete\`, \`apply_errored\`, \`log\`.
`;

/** The text of docs/cli.md. */
export function helpReference(): string {
  return [head, exitTable(), ...commandsAt(width).map(section)].join('\n');
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function exitTable(): string {
  const rows = exitCodes.map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return ['## Exit codes', '', '| code | meaning |', '|---|---|', ...rows, '', 'Treat any other code as an error.', ''].join('\n');
}

function section(command: Command): string {
  return [`## ${fullName(command)}`, '', '```text', helpOf(command, width).trimEnd(), '```', ''].join('\n');
}
