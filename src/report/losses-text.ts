import type { Loss, Plan } from '../model/index.ts';
import { count, printable } from './printable.ts';
import type { Style } from './style.ts';

/** Things listed for one login; the JSON has all. */
const shown = 12;

/** `Who loses what`: each login once, those that the manifest does not name first. '' where nobody loses anything. */
export function lossBlock(plan: Plan, style: Style): string {
  const byInstance = Map.groupBy(
    plan.steps.flatMap((step) => (step.losses ?? []).map((loss) => ({ loss, instance: step.address.instance }))),
    ({ instance, loss }) => `${instance}\0${loss.who}`,
  );
  if (byInstance.size === 0) return '';
  const people = [...byInstance.values()].map((group) => ({
    instance: group[0]?.instance ?? '',
    losses: group.map(({ loss }) => loss),
  }));
  const isStranger = ({ losses }: (typeof people)[number]): boolean => losses.some(({ of }) => of === null);
  const ordered = [...people.filter(isStranger), ...people.filter((one) => !isStranger(one))];
  return [style.warn('Who loses what:'), ...ordered.flatMap(({ instance, losses }) => linesOf(instance, losses, style))].join('\n');
}

function linesOf(instance: string, losses: readonly Loss[], style: Style): readonly string[] {
  const [first] = losses;
  if (!first) return [];
  const what = [...new Set(losses.flatMap((loss) => loss.what))];
  const sessions = losses.reduce<number | null>((most, loss) => (loss.sessions === null ? most : Math.max(most ?? 0, loss.sessions)), null);
  const whose = first.of === null ? 'not in the manifest' : `login of ${printable(first.of)}`;
  const open = sessions === null ? '' : `, ${count(sessions, 'open session')}`;
  const lines = [
    `  ${printable(first.who)} on ${printable(instance)} (${whose}${open})`,
    ...what.slice(0, shown).map((one) => `      ${printable(one)}`),
  ];
  if (what.length > shown) lines.push(`      and ${what.length - shown} more`);
  const keep = losses.find((loss) => loss.keep !== null)?.keep ?? null;
  if (keep !== null) lines.push(style.dim(`      to keep it: ${printable(keep)}`));
  if (first.of === null) lines.push(style.dim(`      if the loss is meant: --confirm=${printable(first.who)}`));
  return lines;
}
