import type { Foreign, Relaxation, Step } from '../model/index.ts';
import { padded, widthOf } from '../util/width.ts';
import { count, printable, words } from './printable.ts';
import { lossBlock } from './losses-text.ts';
import { factsText, fieldText, paintSymbol, place, riskText, statementText, subject, symbolOf, verbs } from './step-text.ts';
import { plain, type Style } from './style.ts';
import { planLine } from './summary.ts';
import type { PlanReport } from './types.ts';
import { byKey } from '../util/text-order.ts';

export interface PlanTextOptions {
  readonly style?: Style;
  /** The statements under each step. */
  readonly sql?: boolean;
  /** The plan holds only the steps of this app. */
  readonly app?: string;
}

/** A plan for people. Diagnostics are apart: see `diagnosticsText`. Same plan, same bytes; ends with a line end. */
export function planText(report: PlanReport, options: PlanTextOptions = {}): string {
  const style = options.style ?? plain;
  const { plan } = report;
  const drift = plan.steps.filter((step) => step.cause === 'drift');
  const intended = plan.steps.filter((step) => step.cause !== 'drift');
  const blocks = [
    stepBlock('Changed outside of cotenant; an apply corrects this:', drift, options.sql === true, style),
    stepBlock('cotenant will perform these actions:', intended, options.sql === true, style),
    legend(plan.steps, style),
    lossBlock(plan, style),
    relaxationBlock(report.relaxations, style),
    foreignLine(report.foreign),
    plan.unreached.length > 0 ? `Not reached: ${plan.unreached.map(printable).join(', ')}. Nothing is planned there.` : '',
    style.bold(planLine(plan, options.app)),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function stepBlock(title: string, steps: readonly Step[], sql: boolean, style: Style): string {
  if (steps.length === 0) return '';
  const placeWidth = widest(steps, place);
  const subjectWidth = Math.min(44, widest(steps, subject));
  const lines = [style.bold(title)];
  for (const step of steps) {
    const facts = factsText(step);
    const what = `${printable(step.title)}${facts === '' ? '' : ` (${facts})`}`;
    const name = padded(subject(step), subjectWidth);
    lines.push(`${paintSymbol(step, style)} ${padded(place(step), placeWidth)}  ${name}  ${what}  ${riskText(step, style)}`);
    lines.push(...step.fields.map((field) => `      ${fieldText(field, step.action)}`));
    if (sql) lines.push(...step.commands.map((statement) => statementText(statement, 6, style)));
  }
  return lines.join('\n');
}

/** Not Math.max of a list: a call takes no more than some hundred thousand arguments. */
function widest(steps: readonly Step[], text: (step: Step) => string): number {
  return steps.reduce((width, step) => Math.max(width, widthOf(text(step))), 0);
}

function legend(steps: readonly Step[], style: Style): string {
  const meaning = new Map<string, string>();
  for (const step of steps) meaning.set(symbolOf(step), step.cause === 'drift' ? 'drift' : verbs[step.action]);
  const order = ['+', '~', '-/+', '-', '>', '!'].filter((symbol) => meaning.has(symbol));
  return order.length === 0 ? '' : style.dim(order.map((symbol) => `${symbol} ${meaning.get(symbol)}`).join('   '));
}

const appsShown = 6;

/** Walls that are open on purpose or that a server cannot build, each once with where it is open. Every report shows them. */
export function relaxationBlock(relaxations: readonly Relaxation[], style: Style): string {
  if (relaxations.length === 0) return '';
  const alike = Map.groupBy(relaxations, (r) => `${r.name}\0${r.opens}`);
  const lines = [...alike.values()].flatMap((group) => {
    const [{ name, opens } = { name: '', opens: '' }] = group;
    const places = [...Map.groupBy(group, (r) => r.instance)].map(([instance, here]) => `${printable(instance)} (${appList(here)})`);
    return [`  ${printable(name)}  on ${places.join(', ')}`, `      ${style.dim(printable(opens))}`];
  });
  return [style.warn('Relaxations (walls that are open):'), ...lines].join('\n');
}

function appList(relaxations: readonly Relaxation[]): string {
  const apps = relaxations.map((r) => (r.app === null ? 'all apps' : printable(r.app)));
  const rest = apps.length - appsShown;
  return rest > 0 ? `${apps.slice(0, appsShown).join(', ')} and ${rest} more` : apps.join(', ');
}

/** Foreign objects, counted for each instance and kind. */
export function foreignLine(foreign: readonly Foreign[]): string {
  if (foreign.length === 0) return '';
  const byInstance = new Map<string, Map<string, number>>();
  for (const { address } of foreign) {
    const kinds = byInstance.get(address.instance) ?? new Map<string, number>();
    kinds.set(address.kind, (kinds.get(address.kind) ?? 0) + 1);
    byInstance.set(address.instance, kinds);
  }
  const parts = [...byInstance].sort(byKey).map(([instance, kinds]) => {
    const list = [...kinds].sort(byKey).map(([kind, n]) => `${words(kind)} ${n}`);
    return `${printable(instance)} (${list.join(', ')})`;
  });
  return `${count(foreign.length, 'foreign object')}, listed but never changed: ${parts.join('; ')}.`;
}
