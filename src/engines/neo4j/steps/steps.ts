import type { Change, Planned, StepDraft } from '../../../engine/index.ts';
import type { Resource } from '../../../model/index.ts';
import { compile } from '../compile/compile.ts';
import { writeMark } from '../marks/mark.ts';
import { isSeen, isWanted, type UserSpec } from '../spec.ts';
import { endSessions, statement } from '../words.ts';
import { conflicts } from '../compile/conflicts.ts';
import { addressIn, type Context, dropUser, liveLedger, loginLost, lossOf, markCommands, ownLedgers, step } from './draft-steps.ts';
import { retireSteps } from '../retire/retire.ts';

/** Users first, then what is closed, then the marks that all of it is done. */
export function steps(changes: readonly Change[], context: Context): Planned {
  const users = changes.flatMap((change) => userStep(change, context));
  const leftovers = changes.flatMap((change) => leftoverStep(change, context));
  const closed = ownLedgers(context).flatMap((ledger) => (ledger.opened ? [closeMark(ledger.name, ledger.mark.app, context)] : []));
  const gone = retireSteps(context);
  const drafts = [...users, ...leftovers, ...closed, ...gone.steps];
  return {
    steps: [...drafts, ...markSteps(drafts, context), ...sharedMark(context)],
    diagnostics: [...conflicts(context), ...gone.diagnostics],
  };
}

function userStep({ desired, observed, fields }: Change, context: Context): readonly StepDraft[] {
  if (!desired || !isWanted(desired, 'user')) return [];
  const { app, spec, address } = desired;
  const user = address.name;
  const seen = observed !== null && isSeen(observed, 'user') ? observed.spec : null;
  const replaces = seen?.password === 'other';
  const secrets = { password: { secret: spec.secret } };
  const sets =
    seen === null
      ? [statement('CREATE USER $user IF NOT EXISTS SET PASSWORD $password CHANGE NOT REQUIRED', { user }, secrets)]
      : replaces
        ? [statement('ALTER USER $user SET PASSWORD $password CHANGE NOT REQUIRED', { user }, secrets), endSessions(user)]
        : seen.mustChange && !spec.adopt
          ? [statement('ALTER USER $user SET PASSWORD CHANGE NOT REQUIRED', { user })]
          : [];
  return [
    step({
      address,
      app,
      part: 'user',
      action: seen === null ? 'create' : 'update',
      title: seen === null ? 'create user' : 'change user',
      facts: { user, rights: 'everything on this server' },
      fields,
      commands: [...begun(app ?? '', user, context), ...sets],
      reverse: seen === null ? [dropUser(user)] : null,
      risk: replaces ? 'access-reducing' : 'safe',
    }),
  ];
}

/** The mark says from the first statement on whose the user is, and that not all is done yet. */
function begun(app: string, user: string, context: Context): StepDraft['commands'] {
  const ledger = liveLedger(app, context);
  const { applied: _, ...mark } = ledger?.mark ?? { project: context.input.project, app, user };
  return markCommands(ledger?.name ?? null, mark);
}

/** A user of an app that is still in the manifest under another name. */
function leftoverStep({ desired, observed }: Change, context: Context): readonly StepDraft[] {
  if (desired || !observed || !isSeen(observed, 'user') || observed.app === null) return [];
  const { app, address } = observed;
  if (!context.input.placements.some((one) => one.app === app)) return [];
  return [
    step({
      address,
      app,
      part: 'leftover',
      action: 'delete',
      title: 'remove unused user',
      facts: { user: address.name },
      losses: [loginLost(address.name, app, context)],
      commands: [dropUser(address.name), endSessions(address.name)],
      risk: 'access-reducing',
    }),
  ];
}

/** Whoever has given a mark a password of his own has an administrator that nobody sees as one. */
function closeMark(name: string, app: string, context: Context): StepDraft {
  return step({
    address: addressIn(context, 'mark', name),
    app: app === '' ? null : app,
    part: 'close',
    action: 'update',
    title: 'close a mark that can log in',
    facts: { user: name },
    cause: 'drift',
    losses: [lossOf(name, app === '' ? context.input.project : app, ['connect'], context)],
    commands: [statement('ALTER USER $user SET PASSWORD $random CHANGE REQUIRED', { user: name }), endSessions(name)],
    risk: 'access-reducing',
  });
}

function markSteps(drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const { input, hashes } = context;
  const wanted = compile(input).resources.filter((one): one is Resource<UserSpec> => isWanted(one, 'user'));
  return wanted.flatMap(({ address, app }) => {
    const name = app ?? '';
    const user = address.name;
    const applied = hashes.get(name);
    const changed = drafts.filter((draft) => draft.app === app);
    const ledger = liveLedger(name, context);
    if (applied === undefined || (changed.length === 0 && ledger?.mark.applied === applied && ledger.mark.user === user)) return [];
    const { applied: _, ...before } = ledger?.mark ?? { project: input.project, app: name, user };
    const isBegun = changed.some((draft) => draft.commands.some(({ op }) => op === 'cypher') && draft.id.endsWith('#user'));
    const from = isBegun ? writeMark(before) : (ledger?.name ?? null);
    return [recordStep(name, markCommands(from, { project: input.project, app: name, user, applied }), changed, context)];
  });
}

function recordStep(app: string, commands: StepDraft['commands'], changed: readonly StepDraft[], context: Context): StepDraft {
  return step({
    address: addressIn(context, 'mark', app),
    app: app === '' ? null : app,
    part: 'mark',
    action: 'run',
    title: 'record the applied revision',
    facts: app === '' ? {} : { app },
    commands,
    risk: 'safe',
    needs: changed.map(({ id }) => id),
  });
}

/** What serves no app in particular: who else is named. */
function sharedMark(context: Context): readonly StepDraft[] {
  const { input, hashes } = context;
  const applied = hashes.get('');
  const ledger = liveLedger('', context);
  if (ledger?.mark.applied === applied) return [];
  if (applied === undefined) return ledger === null ? [] : [recordStep('', [dropUser(ledger.name)], [], context)];
  return [recordStep('', markCommands(ledger?.name ?? null, { project: input.project, app: '', applied }), [], context)];
}
