import type { Change, Planned, StepDraft } from '../../../engine/index.ts';
import { conflicts } from '../compile/conflicts.ts';
import { takes } from '../diff.ts';
import { addressIn, type Context, step } from './draft-steps.ts';
import { fileTrouble } from '../observe/file-trouble.ts';
import { unsavedStatement } from '../marks/ledger.ts';
import { allOf, loss, lossesBetween } from '../losses.ts';
import { savedAndMarked } from './mark-steps.ts';
import { operatorStep, operatorTrouble } from './operator-steps.ts';
import { retireSteps } from '../retire/retire.ts';
import { markOf, type Rules, rulesOf, setUser } from '../compile/rules.ts';
import { endSessions } from './save.ts';
import { isSeen, isWanted, type UserSeen } from '../spec.ts';
import { command } from '../words.ts';

/** Users first, then what is closed, then the access list goes to disk, then the marks that all of it is done. */
export function steps(changes: readonly Change[], context: Context): Planned {
  const trouble = [...conflicts(context), ...operatorTrouble(context)];
  const users = changes.flatMap((change) => userStep(change, context));
  const leftovers = changes.flatMap((change) => leftoverStep(change, context));
  const gone = retireSteps(context);
  const closing = changes.flatMap((change) => closeDefault(change, context, users));
  const operators = changes.flatMap((change) => operatorStep(change, context));
  const drafts = [...operators, ...users, ...leftovers, ...gone.steps, ...closing];
  const last = savedAndMarked(drafts, context);
  const diagnostics = [...trouble, ...fileTrouble(context, last.length > 0), ...gone.diagnostics];
  return { steps: [...drafts, ...last], diagnostics };
}

function userStep({ desired, observed, fields }: Change, context: Context): readonly StepDraft[] {
  if (!desired || !isWanted(desired, 'user')) return [];
  const rules = rulesOf(desired, context.observation);
  const statement = setUser(desired, observed, rules, markOf(desired, rules, context.input.project));
  const { name } = desired.address;
  const seen = observed !== null && isSeen(observed, 'user') ? observed.spec : null;
  const tightens = seen !== null && takes(desired, seen, rules);
  return [
    step({
      address: desired.address,
      app: desired.app,
      part: 'user',
      action: observed === null ? 'create' : 'update',
      title: observed === null ? 'create user' : 'change user',
      facts: {
        user: name,
        level: desired.spec.access,
        ...(desired.spec.access.startsWith('database') && rules.database !== null ? { database: rules.database } : {}),
      },
      fields,
      losses: seen && tightens ? loss({ who: name, of: desired.app }, userLosses(seen, rules), context.observation) : [],
      commands: [statement, ...(tightens ? [endSessions(name)] : [])],
      reverse: observed === null ? [command('ACL', 'DELUSER', name)] : null,
      risk: tightens ? 'access-reducing' : 'safe',
    }),
  ];
}

/** A new password is told by itself. */
function userLosses(seen: UserSeen, { keys, channels, commands, databases }: Rules): readonly string[] {
  return [
    ...(seen.noPassword ? ['connect without a password'] : []),
    ...lossesBetween(seen.grants, [{ keys, channels, commands, databases, writes: true, keyed: true }]),
    ...(seen.skipsSanitizing ? ['RESTORE of unchecked values'] : []),
  ];
}

/** A user of an app that is still in the manifest under another name. What it had lies under the prefix. */
function leftoverStep({ desired, observed }: Change, context: Context): readonly StepDraft[] {
  if (desired || !observed || !isSeen(observed, 'user')) return [];
  const { input } = context;
  const { app } = observed;
  const inUse = input.placements.some((one) => one.app === app) || input.readers.some((one) => one.name === app);
  if (!inUse) return [];
  // A line of the access list is copied with its mark: where no password was ever set for this very name it may be somebody's.
  const isProven = observed.spec.password !== 'unknown';
  return [
    step({
      address: observed.address,
      app,
      part: 'leftover',
      action: 'delete',
      title: 'remove unused user',
      facts: { user: observed.address.name },
      losses: loss({ who: observed.address.name, of: isProven ? app : null }, allOf('connect', observed.spec.grants), context.observation),
      commands: [unsavedStatement(input.project), command('ACL', 'DELUSER', observed.address.name)],
      risk: 'access-reducing',
    }),
  ];
}

function closeDefault({ desired, observed, fields }: Change, context: Context, users: readonly StepDraft[]): readonly StepDraft[] {
  if (!desired || !isWanted(desired, 'default-user') || !observed || fields.length === 0) return [];
  const { name } = desired.address;
  const grants = isSeen(observed, 'default-user') ? observed.spec.grants : [];
  const asks = isSeen(observed, 'default-user') && !observed.spec.noPassword;
  return [
    step({
      address: addressIn(context, 'default-user', name),
      app: null,
      part: 'close',
      action: 'update',
      title: asks ? 'close the user default' : 'close the user that needs no password',
      facts: { user: name },
      fields,
      losses: loss(
        { who: name, of: null, keep: `instances: { ${context.input.name}: { defaultUser: keep } }` },
        allOf(asks ? 'connect' : 'connect without a login', grants),
        context.observation,
      ),
      commands: [unsavedStatement(context.input.project), command('ACL', 'SETUSER', name, 'off'), endSessions(name)],
      reverse: [command('ACL', 'SETUSER', name, 'on')],
      risk: 'access-reducing',
      needs: users.map(({ id }) => id),
    }),
  ];
}
