// The static checks, all of them even where one fails: format, lint, types, dead code.
import { spawnSync } from 'node:child_process';

const checks: readonly (readonly [string, ...string[]])[] = [['biome', 'format', '.'], ['oxlint'], ['tsc', '-p', '.'], ['knip']];

const failed = checks.filter(([program, ...args]) => {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error !== undefined) throw error;
  return status !== 0;
});
for (const command of failed) console.error(`FAILED: npx ${command.join(' ')}`);
if (failed.length > 0) process.exitCode = 1;
else console.log('Format, lint, types and dead code: no findings.');
