import type { Plan, StepResult } from '../../src/model/index.ts';
import type { Harm, HarmKind, Sight, Survey, Verb } from './frame.ts';

/** As a step of a plan says it. */
interface Loss {
  readonly who: string;
  readonly of: string | null;
  readonly what: readonly string[];
}

/** What was told before a move, and whom it is about. */
export interface Told {
  readonly move: number;
  readonly verb: Verb;
  readonly losses: readonly Loss[];
  /** Apps whose own entry in the manifest was changed or taken out: what they themselves can do is what it says now. */
  readonly about: ReadonlySet<string>;
  /** Apps that lose their data in this move, confirmed by name. */
  readonly deleted: ReadonlySet<string>;
  /** Accepted logins: as long as they are that, and no app's entry is changed, they lose nothing, whatever a plan says. */
  readonly known: ReadonlySet<string>;
}

/** The losses that stand in steps that were done. Those of strangers count only where they were confirmed by name. */
export function lossesOf(results: readonly StepResult[], confirmed: boolean): readonly Loss[] {
  return results
    .filter(({ status }) => status === 'done' || status === 'failed')
    .flatMap(({ step }) => lossesIn(step))
    .filter((loss) => confirmed || loss.of !== null);
}

/** Names that may be repeated: of destructive steps, of strangers who lose something, and of accepted logins, whose sessions are waited for else. */
export function namesIn(plan: Plan): readonly string[] {
  const strangers = plan.steps.flatMap((step) => lossesIn(step)).filter(({ who, of }) => of === null || of === who);
  const steps = plan.steps.flatMap(({ confirm }) => (confirm === undefined ? [] : [confirm]));
  const words = plan.steps.flatMap(({ losses = [] }) => losses.flatMap(({ confirm }) => confirm ?? []));
  return [...new Set([...steps, ...words, ...strangers.map(({ who }) => who)])];
}

function lossesIn(step: object): readonly Loss[] {
  return (step as { readonly losses?: readonly Loss[] }).losses ?? [];
}

/** Everything that somebody cannot do any more, or that is not as it was, and that nobody was told of. */
export function judge(before: Survey, after: Survey, told: Told): readonly Harm[] {
  const named = new Set([...after.values()].flatMap(({ who, of }) => (of === null ? [] : [who])));
  return [...before].flatMap(([what, sight]) => {
    const now = after.get(what);
    const kind = kindOf(sight, now);
    if (kind === null || excused(sight, kind, told)) return [];
    if (kind === 'gone' && sight.stranger === true && named.has(sight.who)) return [];
    const through = sight.through === undefined ? undefined : before.get(sight.through);
    if (through?.works === true && after.get(sight.through ?? '')?.works === false) return [];
    const { who, of, answer } = sight;
    const { move, verb } = told;
    return [{ kind, what, who, of, move, verb, before: answer, after: now?.answer ?? 'nothing of that name' }];
  });
}

function kindOf(before: Sight, now: Sight | undefined): HarmKind | null {
  const forbidden = before.forbidden === true;
  if (!now) return before.works && !forbidden ? 'gone' : null;
  if (forbidden) return !before.works && now.works ? 'gained' : null;
  if (!before.works) return null;
  if (!now.works) return 'lost';
  return before.answer === now.answer ? null : 'changed';
}

function excused({ who, of, on, ends, said, lenient }: Sight, kind: HarmKind, { losses, about, deleted, known }: Told): boolean {
  if (kind === 'gained') return false;
  if (ends !== undefined && deleted.has(ends)) return true;
  if ([of, on].some((app) => typeof app === 'string' && (deleted.has(app) || about.has(app)))) return true;
  // One that is accepted and comes in as an app's login has what that app has: an edit of the app is told to it too.
  if (lenient !== true && known.has(who) && about.size + deleted.size === 0) return false;
  return losses.some(
    (loss) => loss.who === who && said.some((words) => loss.what.some((what) => words.every((word) => what.includes(word)))),
  );
}
