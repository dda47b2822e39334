import type { Step } from '../model/index.ts';
import { columns, flow, type Row } from './columns.ts';
import { printable, words } from './printable.ts';
import { factsText, fieldText, paintOfSymbol, place, riskOf, statementText, subject, symbolOf } from './step-text.ts';
import type { Style } from './style.ts';

export interface StepLinesOptions {
  readonly indent: number;
  /** The statements under each step. */
  readonly sql?: boolean;
  /** Steps that differ in the name of their object only stand together, with all names. */
  readonly together?: boolean;
  readonly style: Style;
}

/** A line for each step, with what it changes under it. */
export function stepLines(steps: readonly Step[], options: StepLinesOptions): readonly string[] {
  const groups =
    options.together === true && options.sql !== true ? [...Map.groupBy(steps, likeness).values()] : steps.map((step) => [step]);
  const heads = columns(
    groups.flatMap(([first, ...more]) => (first === undefined ? [] : [rowOf(first, more.length + 1, options.style)])),
    options.indent,
    options.style,
  );
  return groups.flatMap((group, index) => [heads[index] ?? '', ...below(group, options)]);
}

/** The same for steps of which each says the same of its object. */
function likeness(step: Step): string {
  const { address, fields, action, cause, title, risk, confirm, reverse } = step;
  const same = { ...address, name: '' };
  return JSON.stringify([same, factsText(step), fields, action, cause, title, risk, confirm ?? null, reverse === null]);
}

function rowOf(step: Step, many: number, style: Style): Row {
  const facts = factsText(step);
  const risk = riskOf(step);
  return {
    lead: { text: symbolOf(step).padStart(3), paint: paintOfSymbol(step, style) },
    aligned: 2,
    cells: [
      { text: place(step) },
      { text: many === 1 ? subject(step) : `${words(step.address.kind)} (${many})` },
      { text: `${printable(step.title)}${facts === '' ? '' : ` (${facts})`}` },
      { text: risk.text, paint: style[risk.paint] },
    ],
  };
}

function below(group: readonly Step[], { indent, sql, style }: StepLinesOptions): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const names = group.map(({ address }) => `"${printable(address.name)}"`).join(', ');
  return [
    ...(group.length > 1 ? [flow([{ text: names }], indent + 6, style.width, 0)] : []),
    ...first.fields.map((field) => flow([{ text: fieldText(field, first.action) }], indent + 6, style.width)),
    ...(sql === true ? first.commands.map((one) => statementText(one, indent + 6, style)) : []),
  ];
}
