// `npm test`: builds, then runs the tests and, beside them, the static checks, whose words come in one piece at the end.
// Arguments are for vitest; without any, suites of the engines and the command line have their turn: see test/support/turn.ts.
import { spawn, spawnSync } from 'node:child_process';

interface Ended {
  readonly ok: boolean;
  readonly said: string;
}

function start(program: string, args: readonly string[], quiet: boolean): Promise<Ended> {
  const env = { ...process.env, ...(process.argv.length > 2 ? {} : { COTENANT_EVERYDAY: '1' }) };
  const child = spawn(program, args, { env, stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'] });
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => parts.push(text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ok: code === 0, said: parts.join('') }));
  });
}

const built = spawnSync(process.execPath, ['scripts/build.ts'], { stdio: 'inherit' });
if (built.status !== 0) process.exitCode = 1;
else {
  const checks = start(process.execPath, ['scripts/check.ts'], true);
  const tests = await start('vitest', ['run', ...process.argv.slice(2)], false);
  const { ok, said } = await checks;
  console.log(`\n${said.trim()}`);
  if (!tests.ok) console.error('FAILED: npx vitest run');
  if (!ok || !tests.ok) process.exitCode = 1;
}
