import { type ChildEnd, runChild } from '../../migrate/child.ts';
import type { Standing, Target } from '../../migrate/tool.ts';
import { DiagnosticError, fail } from '../../model/index.ts';
import { errorCode } from '../../util/system.ts';
import type { Project } from '../types.ts';
import type { Migrating } from './apps.ts';
import { environmentOf, programOf } from './environment.ts';
import { runFiles } from './run-files.ts';

export interface ToolRun {
  readonly one: Migrating;
  readonly target: Target;
  readonly standing: Standing;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Why a tool did not end well, in words; null: it says that it did. */
export type ToolTrouble = { readonly code: string; readonly why: string; readonly hint?: string } | null;

/** Runs the tool to its end. Whether it has done what it says is for others to see. Throws CT4101 and CT5007. */
export async function runTool(project: Project, run: ToolRun): Promise<ToolTrouble> {
  const { one, target, standing, signal, say } = run;
  if (one.tool.program === null && one.decl.command === null) return await runFiles(project, run);
  const { env, secrets, way } = environmentOf(project, one);
  const { args, cwd, env: more = {}, times = 1 } = await one.tool.start(one.place, target, way, standing);
  const { program, args: first } = await programOf(project, one, cwd);
  try {
    const options = {
      program,
      args: [...first, ...args],
      cwd,
      env: { ...env, ...more },
      secrets,
      deadline: one.decl.deadline,
      signal,
      say,
    };
    for (let left = times; left > 0; left -= 1) {
      const trouble = troubleOf(await runChild(options), one, signal);
      if (trouble !== null) return trouble;
    }
    return null;
  } catch (error) {
    if (error instanceof DiagnosticError || errorCode(error) === '') throw error;
    throw fail('CT4101', `${program} cannot be started: ${errorCode(error)}`, { path: one.decl.path });
  }
}

function troubleOf({ code, killedBy, late, tail }: ChildEnd, { tool, decl }: Migrating, signal: AbortSignal): ToolTrouble {
  const said = tail.length === 0 ? '' : `; it said last: ${tail.slice(-4).join(' / ')}`;
  if (late)
    return {
      code: 'CT4104',
      why: `${tool.id} was ended after ${decl.deadline / 1000} s${said}`,
      hint: 'raise `deadline` of its `migrations`, or find out what it waits for',
    };
  if (signal.aborted) return { code: 'CT4014', why: `${tool.id} was interrupted${said}` };
  if (killedBy !== null) return { code: 'CT4102', why: `${tool.id} was killed (${killedBy})${said}` };
  return code === 0 ? null : { code: 'CT4102', why: `${tool.id} ended with code ${code ?? '?'}${said}` };
}
