import type { StepDraft } from '../../../engine/index.ts';
import type { Cause, Loss, Command } from '../../../model/index.ts';
import { addressIn, type Context, step } from './draft-steps.ts';
import { compile } from '../compile/compile.ts';
import { loss, lossesBetween, named } from '../losses.ts';
import { operatorGrant } from '../operators.ts';
import type { Grant } from '../rights.ts';
import { factsOf } from '../observe/server.ts';
import { type FileDifference, isSeen, isWanted, type UnreadFile } from '../spec.ts';
import { command } from '../words.ts';

/** What a session has begun (a subscription, a feed of key names) goes on after its user lost the right to it. */
export function endSessions(user: string): Command {
  return command('CLIENT', 'KILL', 'USER', user);
}

/** What makes a restart change nothing; null: nothing can, and the plan says so. */
export function saving(context: Context): Command | null {
  const how = factsOf(context.observation.server).saving;
  if (how === 'aclfile' || how === 'unknown') return { ...command('ACL', 'SAVE'), op: 'save' };
  return how === 'config' ? { ...command('CONFIG', 'REWRITE'), op: 'save' } : null;
}

/** What a save writes over in the file is lost to whoever has put it there. */
export function lossesOfSave({ input, observation }: Context): readonly Loss[] {
  const strangers = differencesOf(observation).filter(({ ours, fileOnly, more }) => !ours && (fileOnly || more.length > 0));
  const given = operatorsGrants({ input, observation });
  return strangers.flatMap(({ user, more, fileOnly, grants }) => {
    const seen = observation.resources.find((one) => one.address.name === user && isSeen(one, 'operator'));
    const has = seen && isSeen(seen, 'operator') ? seen.spec.grants : [];
    // What an operator's words give it back is no loss.
    const back = new Set(lossesBetween(grants, has));
    for (const one of lossesBetween(grants, [...has, ...(given.get(user) ?? [])])) back.delete(one);
    const what = fileOnly
      ? [`its line in the access list's file, which the server has not read (ACL LOAD)`]
      : more.filter((one) => !back.has(one)).map((one) => `in the file: ${one}`);
    return loss({ who: user, ...(named(input, user) ?? { of: null }) }, what, observation);
  });
}

/** What the words of each operator stand for. */
function operatorsGrants({ input, observation }: Pick<Context, 'input' | 'observation'>): ReadonlyMap<string, readonly Grant[]> {
  const wanted = compile(input).resources.flatMap((one) => (isWanted(one, 'operator') ? [[one.address.name, one.spec.may] as const] : []));
  return new Map(wanted.map(([name, may]) => [name, may.map((word) => operatorGrant(word, observation))]));
}

/** Where file and memory differ; [] where the file cannot be read from here. */
export function differencesOf(observation: Context['observation']): readonly FileDifference[] {
  return observation.resources.flatMap((one) => (isSeen(one, 'access-list') ? one.spec.differences : []));
}

/** Users that stand in files which the configuration file includes. */
export function includedIn(observation: Context['observation']): readonly string[] {
  return observation.resources.flatMap((one) => (isSeen(one, 'access-list') ? one.spec.included : []));
}

/** What is known of the file where it cannot be read from here; null: it can, or there is none. */
export function unreadFile(observation: Context['observation']): UnreadFile | null {
  for (const one of observation.resources) if (isSeen(one, 'access-list')) return one.spec.unread;
  return null;
}

/** What a save does beside what it is made for. */
function factsOfSave({ observation }: Context): StepDraft['facts'] {
  return {
    ...(unreadFile(observation) === null ? {} : { lost: 'what stands only in the file, which cannot be read from here' }),
    ...(factsOf(observation.server).saving === 'config' ? { writes: 'every setting too, as the server has it now' } : {}),
  };
}

export function saveStep(context: Context, cause: Cause = 'intended'): readonly StepDraft[] {
  const statement = saving(context);
  if (statement === null) return [];
  return [
    step({
      cause,
      losses: lossesOfSave(context),
      address: addressIn(context, 'access-list', 'file'),
      app: null,
      part: 'save',
      action: 'run',
      title: 'save the users to disk',
      facts: factsOfSave(context),
      commands: [statement],
      reverse: [],
      risk: 'safe',
    }),
  ];
}
