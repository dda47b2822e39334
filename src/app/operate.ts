import type { Operation } from '../engine/index.ts';
import type { InstanceDecl } from '../manifest/index.ts';
import { type Diagnostic, DiagnosticError, fail, type Intent, type Json, type Step } from '../model/index.ts';
import { riskOf } from '../plan/plan.ts';
import { lookUp } from '../util/record.ts';
import type { Act } from './act.ts';
import { appExists } from './apps.ts';
import { assemble, confirmedIn } from './plan.ts';
import { run } from './run.ts';
import { isTrouble } from './sessions.ts';
import type { Project, RunEvent, RunOptions } from './types.ts';

/**
 * Runs an operation on an app, on every instance where it lives and whose engine knows the verb. Events as they happen; the last
 * one is the result. Throws CT4011 where no engine of the app does, and CT4012 where the arguments are not of its form.
 */
export async function* operate(project: Project, intent: Intent & { readonly app: string }, options: RunOptions): AsyncGenerator<RunEvent> {
  appExists(project, intent.app);
  yield* run(project, await actOf(project, intent), options);
}

interface Part {
  readonly operation: Operation;
  readonly args: Json;
}

async function actOf({ manifest }: Project, intent: Intent & { readonly app: string }): Promise<Act> {
  const parts = new Map<string, Part>();
  const diagnostics: Diagnostic[] = [];
  for (const instance of manifest.instances) {
    const operation = await operationOf(instance, intent);
    if (operation === null) continue;
    const args = operation.args.safeParse(intent.args);
    if (args.success) parts.set(instance.name, { operation, args: args.data });
    else diagnostics.push(notOfItsForm(instance.name, intent.verb, args.error.issues));
  }
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  if (parts.size === 0) {
    throw fail('CT4011', `no engine of app "${intent.app}" supports ${intent.verb}`, { hint: 'cotenant status shows where it is placed' });
  }
  const locks = [...parts.values()].some(({ operation }) => operation.locks === 'instance') ? 'instance' : 'app';
  return { intent, locks, plan: planner(intent.app, parts), touches: ({ name }) => parts.has(name) };
}

async function operationOf({ engine, input }: InstanceDecl, { verb, app }: Intent): Promise<Operation | null> {
  if (!input.placements.some((one) => one.app === app)) return null;
  return (await lookUp(engine.operations ?? {}, verb)?.()) ?? null;
}

function notOfItsForm(
  instance: string,
  verb: string,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): Diagnostic {
  const what = issues.map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`)).join('; ');
  return { code: 'CT4012', severity: 'error', message: `${verb}: ${what}`, instance };
}

function planner(app: string, parts: ReadonlyMap<string, Part>): Act['plan'] {
  return (project, looked, missed, options) => {
    const frame = assemble(project, looked, missed, options);
    const away = new Set(frame.plan.unreached);
    const steps: Step[] = [];
    const diagnostics = frame.plan.diagnostics.filter(({ instance }) => instance !== undefined && away.has(instance));
    for (const { reached, observation } of looked) {
      const { name, input } = reached.instance;
      const part = parts.get(name);
      if (!part || isTrouble(observation)) continue;
      const planned = part.operation.plan(app, part.args, {
        input,
        observation,
        today: frame.plan.day ?? '',
        hashes: new Map(),
        ...confirmedIn(options),
      });
      for (const draft of planned.steps) steps.push({ ...draft, cause: draft.cause ?? 'intended', risk: riskOf(draft) });
      diagnostics.push(...planned.diagnostics);
    }
    return { ...frame, plan: { ...frame.plan, apps: [app], steps, diagnostics } };
  };
}
