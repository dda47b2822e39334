import { Command } from 'commander';
import { type Bind, type Call, required } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';

/** What `up` starts for each server, and leaves behind. */
export function superviseCommand(bind: Bind): Command {
  return new Command('__supervise').argument('<folder>').action(bind(supervise));
}

async function supervise(call: Call): Promise<ExitCode> {
  const { superviseServer } = await import('../../app/supervise.ts');
  await superviseServer(required(call, 0), call.io.interruption.signal);
  return 0;
}
