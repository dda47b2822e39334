import type { Command } from 'commander';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { buildProgram } from '../../src/cli/program.ts';

const width = 110;

const head = `# Command line

This page is made from the command tree. After a change there: \`npx vitest run test/docs/help-reference.test.ts -u\`.

- Data goes to stdout, everything else to stderr. \`--json\` prints exactly one JSON document on stdout, also where a command fails; a command line that is wrong prints none. Under \`verify --watch\` it is one a line.
- Nothing ever waits for an answer that cannot come: where stdin or stderr is no terminal, with \`--no-input\`, with \`CI\` set, and with machine output, a consent that is missing is exit code 7, and the message names the flag.
- Steps that take rights away or may block a live app ask, or need \`--yes\`. Destructive steps need \`--confirm=<name>\` or the name typed at the terminal; \`--yes\` never covers them. Nor does it cover what a login loses that the manifest does not name (\`--confirm=<login>\`), or new passwords for logins in use (\`--confirm=new-passwords\`), or MD5 passwords that a renamed role would lose (\`--confirm=lost-passwords\`). Many names stand in a file, one a line: \`--confirm=@FILE\`. Confirming the name of an app also agrees to the lesser steps on that app. A saved plan asks like any other.
- The first Ctrl-C stops after what is under way and says what that is; the second one ends at once. Running \`apply\` again goes on from there.
- Colour follows \`NO_COLOR\`, \`FORCE_COLOR\`, \`TERM=dumb\` and \`--no-color\`; no meaning is in colour alone.

\`--output-format stream-json\` prints one JSON object a line, each with \`level\`, \`message\`, \`timestamp\` and \`type\`. The first has the type \`version\` and the version of the protocol (\`"ui": "1.0"\`: the minor number grows with additions, the major one with breaking changes); the last has the type \`result\`, with \`ending\` and \`exitCode\`. Between them: \`planned_change\`, \`drift\`, \`change_summary\`, \`diagnostic\`, \`apply_start\`, \`apply_progress\`, \`apply_complete\`, \`apply_errored\`, \`log\`.
`;

/** The text of docs/cli.md. */
export function helpReference(): string {
  const program = buildProgram({
    version: '',
    width,
    bind: () => () => Promise.resolve(),
    writeOut: () => undefined,
    writeErr: () => undefined,
  });
  const shown = below(program).flatMap((command) => [command, ...below(command)]);
  return [head, exitTable(), section(program), ...shown.map(section)].join('\n');
}

function below(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help');
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function exitTable(): string {
  const rows = exitCodes.map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return ['## Exit codes', '', '| code | meaning |', '|---|---|', ...rows, '', 'Treat any other code as an error.', ''].join('\n');
}

// Global flags stand once, under the program.
function section(command: Command): string {
  const text = command.configureHelp({ showGlobalOptions: false, helpWidth: width }).helpInformation();
  return [`## ${fullName(command)}`, '', '```text', text.trimEnd(), '```', ''].join('\n');
}
