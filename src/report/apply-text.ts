import type { Action, Step, StepResult } from '../model/index.ts';
import { padded, widthOf } from '../util/width.ts';
import { flow } from './columns.ts';
import { actionOf, type AppSteps, byApp, homeOf, keyOf, nameOf } from './plan-apps.ts';
import { count } from './printable.ts';
import { paintOfAction, place, subject, symbols } from './step-text.ts';
import type { Ended } from './progress-text.ts';
import type { Style } from './style.ts';
import type { PlanReport } from './types.ts';

interface Group {
  readonly of: AppSteps;
  readonly name: string;
  readonly home: string;
  readonly action: Action;
  readonly ended: StepResult[];
}

/** Follows an apply by app: a line when all steps of an app on an instance have ended, and how far the whole is. */
export class ApplyTally {
  readonly #groups: ReadonlyMap<string, Group>;
  readonly #total: number;
  readonly #widths: readonly [name: number, home: number];
  readonly #running = new Map<string, Step>();
  #ended = 0;

  constructor({ plan, places }: Pick<PlanReport, 'plan' | 'places'>) {
    const groups = byApp(plan.steps).map((of): Group => {
      return { of, name: nameOf(of), home: homeOf(of, places), action: actionOf(of), ended: [] };
    });
    this.#groups = new Map(groups.map((group) => [keyOf(group.of.app, group.of.instance), group]));
    this.#total = plan.steps.length;
    const widest = (text: (group: Group) => string): number => groups.reduce((most, group) => Math.max(most, widthOf(text(group))), 0);
    this.#widths = [widest(({ name }) => name), widest(({ home }) => home)];
  }

  started(step: Step): void {
    this.#running.set(step.id, step);
  }

  /** The line of its app where this step was the last of it; else null. */
  ended(result: StepResult, style: Style): string | null {
    const { step } = result;
    this.#running.delete(step.id);
    this.#ended += 1;
    const group = this.#groupOf(step);
    group?.ended.push(result);
    return group?.ended.length === group?.of.steps.length && group ? this.#line(group, style) : null;
  }

  get counts(): Ended {
    return { ended: this.#ended, total: this.#total };
  }

  /** `12 of 40 steps: anydb/main  role "shop_user"`. */
  far(): string {
    const [step, ...more] = this.#running.values();
    const done = `${this.#ended} of ${count(this.#total, 'step')}`;
    if (step === undefined) return done;
    return `${done}: ${place(step)}  ${subject(step)}${more.length === 0 ? '' : ` and ${more.length} more`}`;
  }

  #groupOf({ app, address }: Step): Group | undefined {
    return this.#groups.get(keyOf(app, address.instance));
  }

  #line({ name, home, action, ended }: Group, style: Style): string {
    const tally = (status: StepResult['status']): number => ended.filter((one) => one.status === status).length;
    const [done, failed, left] = [tally('done'), tally('failed'), tally('not-executed')];
    const [mark, paint] = failed > 0 ? (['✖', style.bad] as const) : left > 0 ? (['·', style.dim] as const) : (['✔', style.good] as const);
    const tail =
      failed + left === 0
        ? `${count(done, 'step')}  (${this.#ended} of ${this.#total})`
        : [
            `${done} of ${count(ended.length, 'step')} done`,
            ...(failed > 0 ? [`${failed} failed`] : []),
            ...(left > 0 ? [`${left} not executed`] : []),
          ].join(', ');
    const front = `${paint(mark)} ${paintOfAction(action, style)(symbols[action].padStart(3))} `;
    const [nameWidth, homeWidth] = this.#widths;
    if (6 + nameWidth + homeWidth + 4 + widthOf(tail) <= style.width)
      return `${front}${style.bold(padded(name, nameWidth))}  ${padded(home, homeWidth)}  ${tail}`;
    return front + flow([{ text: name, paint: style.bold }, { text: home }, { text: tail }], 6, style.width).trimStart();
  }
}
