import type { StepDraft } from '../../../engine/index.ts';
import type { Cause, Resource, Command } from '../../../model/index.ts';
import { compile } from '../compile/compile.ts';
import { addressIn, type Context, step } from './draft-steps.ts';
import { ledgerName, ledgerOf, savedStatement, unsavedStatement } from '../marks/ledger.ts';
import { markRule } from '../marks/mark.ts';
import { markOf, rulesOf } from '../compile/rules.ts';
import { differencesOf, lossesOfSave, saveStep, saving, unreadFile } from './save.ts';
import { isSeen, isWanted, type UserSpec } from '../spec.ts';
import { command, sameCommand } from '../words.ts';

/**
 * The access list goes to disk, and then each user and the ledger say that all that was asked for is done. In this order,
 * and again wherever one of them does not say so: a save that failed is not forgotten, and what a restart brings is right.
 */
export function savedAndMarked(drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const cause = drafts.length > 0 && drafts.every((draft) => isDrift(draft, context)) ? 'drift' : 'intended';
  const pending = drafts.length > 0 || isPending(context);
  const stale = differencesOf(context.observation).some(({ ours }) => ours);
  const saved = pending || stale ? saveStep(context, pending ? cause : 'drift') : [];
  const after = saved.map(({ id }) => id);
  const marks = [...markSteps(drafts, after, context), ...ledgerStep(drafts, after, cause, context)];
  // A mark goes to disk with everything else: where nothing is saved before it, it writes over what only the file has.
  const [first, ...more] = marks;
  return saved.length > 0 || !first ? [...saved, ...marks] : [{ ...first, losses: lossesOfSave(context) }, ...more];
}

/** As core tells it: the manifest asks for nothing else than it did when the app was complete. */
function isDrift({ app }: StepDraft, { observation, hashes }: Context): boolean {
  const known = observation.marks.find((mark) => mark.retired === null && mark.app === (app ?? ''))?.applied ?? null;
  return known !== null && known === hashes.get(app ?? '');
}

/** A run before this one did not come to the end of what it had begun. */
function isPending({ observation, hashes }: Context): boolean {
  if (ledgerOf(observation).unsaved) return true;
  return observation.marks.some(({ app, applied, retired }) => app !== '' && retired === null && applied === null && hashes.has(app));
}

interface Marking {
  readonly address: StepDraft['address'];
  readonly app: string | null;
  readonly facts: StepDraft['facts'];
  readonly statement: Command;
  /** What it said before: where it cannot be written to disk, it says so again. */
  readonly before: Command;
  readonly needs: readonly string[];
  readonly cause?: Cause;
}

function marking({ statement, before, ...rest }: Marking, context: Context): StepDraft {
  const save = saving(context);
  return step({
    ...rest,
    part: 'mark',
    action: 'run',
    title: 'record the applied revision',
    commands: [statement, ...(save ? [save] : [])],
    reverse: [before],
    risk: 'safe',
    unit: 'marks',
  });
}

function markSteps(drafts: readonly StepDraft[], saved: readonly string[], context: Context): readonly StepDraft[] {
  const { input, observation, hashes } = context;
  const known = new Map(
    observation.resources.flatMap((one) => (isSeen(one, 'user') && one.owned ? [[one.address.name, one.spec.mark?.applied]] : [])),
  );
  const ofApp = Map.groupBy(drafts, (draft) => draft.app);
  const named = compile(input).resources.filter((one): one is Resource<UserSpec> => isWanted(one, 'user'));
  return named.flatMap((desired) => {
    const app = desired.app ?? '';
    const { name } = desired.address;
    const applied = hashes.get(app);
    const changed = (ofApp.get(app) ?? []).map(({ id }) => id);
    if (applied === undefined || (known.get(name) === applied && changed.length === 0)) return [];
    const mark = markOf(desired, rulesOf(desired, observation), input.project);
    const text = (now: typeof mark): Command => command('ACL', 'SETUSER', name, 'clearselectors', markRule(now));
    return [
      marking(
        {
          address: addressIn(context, 'mark', name),
          app,
          facts: { app },
          statement: text({ ...mark, applied }),
          before: text(mark),
          needs: [...changed, ...saved],
        },
        context,
      ),
    ];
  });
}

function ledgerStep(drafts: readonly StepDraft[], saved: readonly string[], cause: Cause, context: Context): readonly StepDraft[] {
  const { input, observation, hashes } = context;
  const shared = hashes.get('');
  const ledger = ledgerOf(observation);
  const unsaved = unsavedStatement(input.project);
  const others = drafts.filter(({ commands }) => commands.some((one) => sameCommand(one, unsaved))).map(({ id }) => id);
  const unread = unreadFile(observation);
  const noting = unread !== null;
  // Where nobody can look into the file, the ledger says how others were when it was written.
  const isNews = noting && drafts.length > 0 && (unread.changed === null || unread.changed.length > 0);
  if (others.length === 0 && !ledger.unsaved && !isNews && ledger.shared === (shared ?? null)) return [];
  const name = ledgerName(input.project);
  const statement = savedStatement(input.project, shared, noting);
  const address = addressIn(context, 'mark', name);
  return [marking({ address, app: null, facts: { user: name }, statement, before: unsaved, needs: [...others, ...saved], cause }, context)];
}
