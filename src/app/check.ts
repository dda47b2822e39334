import type { Change, Engine, InstanceInput, Observation } from '../engine/index.ts';
import type { Diagnostic } from '../model/index.ts';
import { changesOf } from '../plan/changes.ts';
import { isTrouble, observed, Sessions } from './sessions.ts';
import type { CheckDifference, CheckOutcome, PlanOptions, Project } from './types.ts';

/**
 * What differs in the part that an engine tells about all apps at once, without a look into each: milliseconds for a
 * thousand apps, so that it can be asked all the time. No difference here is no proof for what lies deeper: that takes a plan.
 */
export async function checkProject(project: Project, options: Pick<PlanOptions, 'deadline'> = {}): Promise<CheckOutcome> {
  await using sessions = await Sessions.open(project, options.deadline);
  const looked = await Promise.all(
    sessions.reached.map(async (reached) => ({ ...reached.instance, observation: await observed(reached, 'shared') })),
  );
  const differences: CheckDifference[] = [];
  const diagnostics: Diagnostic[] = sessions.missed.flatMap((missed) => missed.diagnostics);
  const unreached = sessions.missed.map(({ instance }) => instance.name);
  for (const { name, engine, input, observation } of looked) {
    if (isTrouble(observation)) {
      unreached.push(name);
      diagnostics.push(...observation);
      continue;
    }
    diagnostics.push(...observation.diagnostics);
    for (const one of differencesIn(engine, input, observation)) differences.push(one);
  }
  return { differences, diagnostics: diagnostics.map((diagnostic) => project.locate(diagnostic)), unreached };
}

const known = new WeakMap<Observation, readonly CheckDifference[]>();

/** An engine that finds all as it was gives the same observation again. */
function differencesIn(engine: Engine, input: InstanceInput, observation: Observation): readonly CheckDifference[] {
  const differences =
    known.get(observation) ??
    changesOf(engine, engine.compile(input).resources, observation)
      .filter(({ desired, observed: found }) => desired !== null || found?.kept !== true)
      .map(differenceOf);
  known.set(observation, differences);
  return differences;
}

function differenceOf({ desired, observed, fields }: Change): CheckDifference {
  const resource = desired ?? observed;
  if (!resource) throw new Error('a change is about something');
  return {
    address: resource.address,
    app: resource.app,
    what: observed === null ? 'missing' : desired === null ? 'left' : 'changed',
    fields,
  };
}
