import type { Action, FieldChange, Risk, Command, Step } from '../model/index.ts';
import { confirmOption } from '../util/confirm-option.ts';
import { indent, printable, printableLines, words } from './printable.ts';
import type { Paint, Style } from './style.ts';
import { byKey } from '../util/text-order.ts';

export const symbols: Record<Action, string> = { create: '+', update: '~', replace: '-/+', delete: '-', run: '>' };

export const verbs: Record<Action, string> = { create: 'create', update: 'change', replace: 'replace', delete: 'destroy', run: 'run' };

/** `+`, `~`, `-/+`, `-`, `>`; `!` for drift. */
export function symbolOf(step: Step): string {
  return step.cause === 'drift' ? '!' : symbols[step.action];
}

export function paintOfAction(action: Action, style: Style): (text: string) => string {
  if (action === 'update') return style.warn;
  if (action === 'create') return style.good;
  return action === 'run' ? style.info : style.bad;
}

export function paintOfSymbol(step: Step, style: Style): (text: string) => string {
  return step.cause === 'drift' ? style.warn : paintOfAction(step.action, style);
}

export function paintSymbol(step: Step, style: Style): string {
  return paintOfSymbol(step, style)(symbolOf(step).padStart(3));
}

/** `engine/instance`, as people meet it in a plan. */
export function place(step: Step): string {
  return printable(`${step.address.engine}/${step.address.instance}`);
}

/** `role "shop_user"`. */
export function subject(step: Step): string {
  return `${words(step.address.kind)} "${printable(step.address.name)}"`;
}

function shown(value: string | number | boolean | null): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === '' ? '""' : printable(String(value));
}

/** `owner shop_owner, limit 20`; keys in order of the alphabet, so that equal plans give equal text. What the name says is left out. */
export function factsText(step: Step): string {
  const named = new Set<string | number | boolean | undefined>([step.address.name, ...step.address.name.split('/')]);
  return Object.entries(step.facts)
    .filter(([, fact]) => !named.has(fact))
    .sort(byKey)
    .map(([key, fact]) => `${words(key)} ${shown(fact)}`)
    .join(', ');
}

/** A plan is read: JSON has all of them. */
const SHOWN = 12;

function few(list: readonly string[]): readonly string[] {
  return list.length > SHOWN ? [...list.slice(0, SHOWN - 1), `${list.length - SHOWN + 1} more`] : list;
}

/** A list by what comes and what goes: `+ SELECT, - TRUNCATE`. */
export function fieldText(field: FieldChange, action: Action): string {
  const { added = [], removed = [] } = field;
  const moves = [...few(added).map((one) => `+ ${printable(one)}`), ...few(removed).map((one) => `- ${printable(one)}`)];
  if (moves.length > 0) return `${words(field.field)}: ${moves.join(', ')}`;
  if (action === 'create') return `${words(field.field)}: ${shown(field.to)}`;
  if (action === 'delete') return `${words(field.field)}: ${shown(field.from)}`;
  return `${words(field.field)}: ${shown(field.from)} → ${shown(field.to)}`;
}

const riskPaint: Record<Risk, Paint> = { safe: 'dim', blocking: 'warn', 'access-reducing': 'warn', destructive: 'bad' };

/** `[destructive, cannot be undone, --confirm=shop]`. */
export function riskOf(step: Step): { readonly text: string; readonly paint: Paint } {
  const parts: string[] = [step.risk];
  // What only adds needs no way back.
  if (step.reverse === null && step.risk !== 'safe') parts.push('cannot be undone');
  if (step.confirm !== undefined) parts.push(printable(confirmOption(step.confirm)));
  return { text: `[${parts.join(', ')}]`, paint: riskPaint[step.risk] };
}

export function riskText(step: Step, style: Style): string {
  const { text, paint } = riskOf(step);
  return style[paint](text);
}

/** A statement as it is sent, with its secrets as comments under it, by name only. */
export function statementText(statement: Command, by: number, style: Style): string {
  const lines = [indent(printableLines(statement.text), by)];
  const secrets = Object.entries(statement.secrets ?? {}).sort(byKey);
  for (const [name, value] of secrets) lines.push(indent(style.dim(`-- :${printable(name)} = secret ${printable(value.secret)}`), by));
  return lines.join('\n');
}
