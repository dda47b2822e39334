import type { Action, Step } from '../model/index.ts';
import { byText } from '../util/text-order.ts';
import { columns, flow, type Row } from './columns.ts';
import { count, printable } from './printable.ts';
import { stepLines } from './step-lines.ts';
import { fieldText, paintOfAction, subject, symbols } from './step-text.ts';
import type { Style } from './style.ts';
import type { PlanReport } from './types.ts';

/** What is done for one app on one instance; `app` null: what several use. */
export interface AppSteps {
  readonly app: string | null;
  readonly instance: string;
  readonly steps: readonly Step[];
}

const numeric = new Intl.Collator('en', { numeric: true });

/** The steps by app and instance: what several use first, then the apps by name. */
export function byApp(steps: readonly Step[]): readonly AppSteps[] {
  const groups = Map.groupBy(steps, ({ app, address }) => keyOf(app, address.instance));
  return [...groups.values()]
    .flatMap((own): AppSteps[] => (own[0] === undefined ? [] : [{ app: own[0].app, instance: own[0].address.instance, steps: own }]))
    .sort(
      (a, b) =>
        Number(a.app !== null) - Number(b.app !== null) || numeric.compare(a.app ?? '', b.app ?? '') || byText(a.app ?? '', b.app ?? ''),
    );
}

export function keyOf(app: string | null, instance: string): string {
  return JSON.stringify([app, instance]);
}

/** `+` where all of it is made, `-` where all of it goes, `>` where nothing but notes is written, else `~`. */
export function actionOf({ steps }: AppSteps): Action {
  const actions = new Set(steps.map(({ action }) => action).filter((action) => action !== 'run'));
  const [only] = actions;
  if (only === undefined) return 'run';
  return actions.size === 1 && only !== 'replace' ? only : 'update';
}

/** `database shop on main`; of somebody whom the manifest does not have there: `on main (not in the manifest)`. */
export function homeOf({ app, instance }: AppSteps, places: PlanReport['places']): string {
  const here = places?.get(instance);
  if (app === null || here === undefined) return printable(`on ${instance}`);
  const home = here.get(app);
  if (home === undefined) return printable(`on ${instance} (not in the manifest)`);
  return printable(`${home} on ${instance}`.trimStart());
}

export function nameOf({ app }: AppSteps): string {
  return app === null ? '(shared)' : printable(app);
}

export interface AppLinesOptions {
  readonly places: PlanReport['places'];
  readonly style: Style;
  /** Each step under the line of its app. */
  readonly steps: boolean;
  readonly sql: boolean;
}

/** A line for each app and instance; under it its steps where they are asked for, else what a safe step changes of what is there. */
export function appLines(steps: readonly Step[], { places, style, ...more }: AppLinesOptions): readonly string[] {
  const groups = byApp(steps);
  const rows = groups.map((group): Row => {
    const action = actionOf(group);
    return {
      lead: { text: symbols[action].padStart(3), paint: paintOfAction(action, style) },
      cells: [{ text: nameOf(group), paint: style.bold }, { text: homeOf(group, places) }, { text: count(group.steps.length, 'step') }],
    };
  });
  return columns(rows, 0, style).flatMap((line, index) => {
    const own = groups[index]?.steps ?? [];
    return [line, ...(more.steps ? stepLines(own, { indent: 4, sql: more.sql, style }) : changes(own, style))];
  });
}

/** More changes than this are told by -v. */
const few = 4;

/** Steps that are more than safe are told elsewhere, in full. */
function changes(steps: readonly Step[], style: Style): readonly string[] {
  const all = steps
    .filter(({ action, risk }) => action === 'update' && risk === 'safe')
    .flatMap((step) => step.fields.map((field) => `${subject(step)}  ${fieldText(field, step.action)}`));
  const shown = all.length > few ? [...all.slice(0, few - 1), `${count(all.length - few + 1, 'change')} more: -v`] : all;
  return shown.map((text) => flow([{ text }], 6, style.width));
}
