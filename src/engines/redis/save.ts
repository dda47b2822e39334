import type { StepDraft } from '../../engine/index.ts';
import type { Statement } from '../../model/index.ts';
import { addressIn, type Context, step } from './draft-steps.ts';
import { factsOf } from './server.ts';
import { commandText } from './words.ts';

/** What a session has begun (a subscription, a feed of key names) goes on after its user lost the right to it. */
export function endSessions(user: string): Statement {
  return { text: commandText('CLIENT', 'KILL', 'USER', user) };
}

/** What makes a restart change nothing; null: nothing can, and the plan says so. */
export function saving(context: Context): Statement | null {
  const how = factsOf(context.observation.server).saving;
  if (how === 'aclfile' || how === 'unknown') return { text: 'ACL SAVE' };
  return how === 'config' ? { text: 'CONFIG REWRITE' } : null;
}

export function saveStep(context: Context): readonly StepDraft[] {
  const statement = saving(context);
  if (statement === null) return [];
  return [
    step({
      address: addressIn(context, 'access-list', 'file'),
      app: null,
      part: 'save',
      action: 'run',
      title: 'write the access list to disk',
      statements: [statement],
      reverse: [],
      risk: 'safe',
    }),
  ];
}
