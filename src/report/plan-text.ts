import type { Foreign, Relaxation, Risk, Step } from '../model/index.ts';
import { count, printable, words } from './printable.ts';
import { lossBlock } from './losses-text.ts';
import { actionOf, appLines, byApp } from './plan-apps.ts';
import { flow, packed, prose } from './columns.ts';
import { stepLines } from './step-lines.ts';
import { symbols, verbs } from './step-text.ts';
import { type Paint, plain, type Style } from './style.ts';
import { planLine } from './summary.ts';
import type { PlanReport } from './types.ts';
import { byKey } from '../util/text-order.ts';

export interface PlanTextOptions {
  readonly style?: Style;
  /** Each step under the line of its app. */
  readonly steps?: boolean;
  /** The steps, and the statements under each. */
  readonly sql?: boolean;
  /** The plan holds only the steps of these apps. */
  readonly apps?: readonly string[];
}

/**
 * A plan for people: a line for each app and place. What somebody has to agree to, what cannot be undone, what somebody else
 * changed and who loses what is told in full. Diagnostics are apart: see `diagnosticsText`. Same plan, same bytes; ends with a
 * line end.
 */
export function planText(report: PlanReport, options: PlanTextOptions = {}): string {
  const { style = plain, sql = false, steps = sql } = options;
  const { plan, places } = report;
  const drift = plan.steps.filter((step) => step.cause === 'drift');
  const intended = plan.steps.filter((step) => step.cause !== 'drift');
  const blocks = [
    titled('Changed outside of cotenant; an apply corrects this:', stepLines(drift, { indent: 0, sql, together: true, style }), style),
    titled('cotenant will perform these actions:', appLines(intended, { places, style, steps, sql }), style),
    legend(drift, intended, steps, style),
    ...(steps ? [] : riskBlocks(intended, style)),
    lossBlock(plan, style),
    relaxationBlock(report.relaxations, style),
    flow([{ text: foreignLine(report.foreign) }], 0, style.width),
    style.bold(flow([{ text: planLine(plan, options.apps) }], 0, style.width)),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function titled(title: string, lines: readonly string[], style: Style, paint: Paint = 'bold'): string {
  return lines.length === 0 ? '' : [style[paint](flow([{ text: title }], 0, style.width)), ...lines].join('\n');
}

const dangers: readonly (readonly [Risk, string, Paint])[] = [
  ['destructive', 'Steps that destroy data:', 'bad'],
  ['access-reducing', 'Steps that revoke access:', 'warn'],
  ['blocking', 'Steps that may block a running app:', 'warn'],
];

/** Every step that wants consent, whatever the length: the gravest first. */
function riskBlocks(steps: readonly Step[], style: Style): readonly string[] {
  return dangers.map(([risk, title, paint]) => {
    const own = steps.filter((step) => step.risk === risk);
    return titled(title, stepLines(own, { indent: 0, together: true, style }), style, paint);
  });
}

function legend(drift: readonly Step[], intended: readonly Step[], steps: boolean, style: Style): string {
  const used = new Set(steps ? intended.map(({ action }) => action) : byApp(intended).map(actionOf));
  const actions = (['create', 'update', 'replace', 'delete', 'run'] as const).filter((action) => used.has(action));
  const meanings = [...actions.map((action) => `${symbols[action]} ${verbs[action]}`), ...(drift.length > 0 ? ['! drift'] : [])];
  if (meanings.length === 0) return '';
  const more = steps || intended.length === 0 ? [] : ['-v shows the steps'];
  return style.dim(packed([...meanings, ...more], style));
}

const appsShown = 6;

/** Walls that somebody chose to open or that a server cannot build, each once with where it is open. Every report shows them. */
export function relaxationBlock(relaxations: readonly Relaxation[], style: Style): string {
  const chosen = relaxations.filter(({ usual }) => usual !== true);
  if (chosen.length === 0) return '';
  const alike = Map.groupBy(chosen, (r) => `${r.name}\0${r.opens}`);
  const lines = [...alike.values()].flatMap((group) => {
    const [{ name, opens } = { name: '', opens: '' }] = group;
    const places = [...Map.groupBy(group, (r) => r.instance)].map(([instance, here]) => `${printable(instance)} (${appList(here)})`);
    return [
      flow([{ text: printable(name) }, { text: `on ${places.join(', ')}` }], 2, style.width, 4),
      style.dim(prose(printable(opens), 6, style)),
    ];
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
