import type { Change, Planned, StepDraft } from '../../engine/index.ts';
import type { Resource } from '../../model/index.ts';
import { compile } from './compile.ts';
import { conflicts } from './conflicts.ts';
import { takes } from './diff.ts';
import { addressIn, type Context, step } from './draft-steps.ts';
import { markRule } from './mark.ts';
import { retireSteps } from './retire.ts';
import { markOf, rulesOf, setUser } from './rules.ts';
import { endSessions, saveStep, saving } from './save.ts';
import { isSeen, isWanted, type UserSpec } from './spec.ts';
import { commandText } from './words.ts';

/** Users first, then what is closed, then the access list goes to disk, then the marks that all of it is done. */
export function steps(changes: readonly Change[], context: Context): Planned {
  const diagnostics = conflicts(context);
  const users = changes.flatMap((change) => userStep(change, context));
  const leftovers = changes.flatMap((change) => leftoverStep(change, context));
  const gone = retireSteps(context);
  const closing = changes.flatMap((change) => closeDefault(change, context, users));
  const drafts = [...users, ...leftovers, ...gone.steps, ...closing];
  const saved = drafts.length > 0 ? saveStep(context) : [];
  return {
    steps: [...drafts, ...saved, ...markSteps(drafts, saved[0]?.id ?? null, context)],
    diagnostics: [...diagnostics, ...gone.diagnostics],
  };
}

function userStep({ desired, observed, fields }: Change, context: Context): readonly StepDraft[] {
  if (!desired || !isWanted(desired, 'user')) return [];
  const rules = rulesOf(desired, context.observation);
  const statement = setUser(desired, observed, rules, markOf(desired, rules, context.input.project));
  const { name } = desired.address;
  const tightens = observed !== null && isSeen(observed, 'user') && takes(desired, observed.spec, rules);
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
        ...(desired.spec.access === 'database' && rules.database !== null ? { database: rules.database } : {}),
      },
      fields,
      statements: [statement, ...(tightens ? [endSessions(name)] : [])],
      reverse: observed === null ? [{ text: commandText('ACL', 'DELUSER', name) }] : null,
      risk: tightens ? 'access-reducing' : 'safe',
    }),
  ];
}

/** A user of an app that is still in the manifest under another name. What it had lies under the prefix. */
function leftoverStep({ desired, observed }: Change, context: Context): readonly StepDraft[] {
  if (desired || !observed || !isSeen(observed, 'user')) return [];
  const { input } = context;
  const { app } = observed;
  const inUse = input.placements.some((one) => one.app === app) || input.readers.some((one) => one.name === app);
  if (!inUse) return [];
  return [
    step({
      address: observed.address,
      app,
      part: 'leftover',
      action: 'delete',
      title: 'remove user that is no longer used',
      facts: { user: observed.address.name },
      statements: [{ text: commandText('ACL', 'DELUSER', observed.address.name) }],
      risk: 'access-reducing',
    }),
  ];
}

function closeDefault({ desired, observed, fields }: Change, context: Context, users: readonly StepDraft[]): readonly StepDraft[] {
  if (!desired || !isWanted(desired, 'default-user') || !observed || fields.length === 0) return [];
  const { name } = desired.address;
  return [
    step({
      address: addressIn(context, 'default-user', name),
      app: null,
      part: 'close',
      action: 'update',
      title: 'close the user that needs no login',
      facts: { user: name },
      fields,
      statements: [{ text: commandText('ACL', 'SETUSER', name, 'off') }, endSessions(name)],
      reverse: [{ text: commandText('ACL', 'SETUSER', name, 'on') }],
      risk: 'access-reducing',
      after: users.map(({ id }) => id),
    }),
  ];
}

/** Writes into each user that all that was asked for is done, and on disk: only then is nothing of it lost by a restart. */
function markSteps(drafts: readonly StepDraft[], saved: string | null, context: Context): readonly StepDraft[] {
  const { input, observation, hashes } = context;
  const known = new Map(observation.marks.filter((one) => one.retired === null).map((one) => [one.app, one.applied]));
  const ofApp = Map.groupBy(drafts, (draft) => draft.app);
  const ofAll = hashes.get('');
  const save = saving(context);
  const named = compile(input).resources.filter((one): one is Resource<UserSpec> => isWanted(one, 'user'));
  const first = named[0]?.app ?? null;
  return named.flatMap((desired) => {
    const app = desired.app ?? '';
    const applied = hashes.get(app);
    const isFirst = app === first;
    const changed = (ofApp.get(app) ?? []).map(({ id }) => id);
    const done = known.get(app) === applied && changed.length === 0 && (!isFirst || ofAll === undefined || known.get('') === ofAll);
    if (applied === undefined || done) return [];
    const rules = rulesOf(desired, observation);
    const mark = { ...markOf(desired, rules, input.project), applied, ...(isFirst && ofAll !== undefined ? { shared: ofAll } : {}) };
    const shared = isFirst ? (ofApp.get(null) ?? []).map(({ id }) => id) : [];
    return [
      step({
        address: addressIn(context, 'mark', desired.address.name),
        app,
        part: 'mark',
        action: 'run',
        title: 'note that the app is complete',
        facts: { app },
        statements: [
          { text: commandText('ACL', 'SETUSER', desired.address.name, 'clearselectors', markRule(mark)) },
          ...(save ? [save] : []),
        ],
        reverse: [],
        risk: 'safe',
        after: [...changed, ...shared, ...(saved === null ? [] : [saved])],
        unit: 'marks',
      }),
    ];
  });
}
