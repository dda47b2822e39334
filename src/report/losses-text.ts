import { confirmOf, type Loss, type Plan } from '../model/index.ts';
import { confirmOption } from '../util/confirm-option.ts';
import { flow } from './columns.ts';
import { keepBlock } from './keep-block.ts';
import { count, printable } from './printable.ts';
import type { Style } from './style.ts';

/** More logins that want a word than this are told together what keeps all of it. */
const few = 5;

/** `Who loses what`: each login once, those that want a word of their own first. '' where nobody loses anything. */
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
  const wantsWord = ({ losses }: (typeof people)[number]): boolean => losses.some((loss) => confirmOf(loss) !== null);
  const ordered = [...people.filter(wantsWord), ...people.filter((one) => !wantsWord(one))];
  const many = people.filter(wantsWord).length > few;
  return [
    style.warn('Who loses what:'),
    ...ordered.flatMap(({ instance, losses }) => linesOf(instance, losses, many, style)),
    ...(many ? together(plan, style) : []),
  ].join('\n');
}

/** What would be said of each of many logins, once. */
function together(plan: Plan, style: Style): readonly string[] {
  const losses = plan.steps.flatMap((step) => step.losses ?? []);
  const keeps = losses.flatMap(({ keep }) => keep ?? []);
  const block =
    keeps.length === 0
      ? []
      : [
          'to keep all of it, add this to the manifest:',
          ...keepBlock(keeps)
            .split('\n')
            .map((line) => `  ${line}`),
        ];
  const words = new Set(losses.flatMap((loss) => confirmOf(loss) ?? []));
  return [...block, `to agree to all of it: ${consentTo([...words], new Set(losses.map(({ who }) => who)))}`].map((line) =>
    style.dim(`  ${printable(line)}`),
  );
}

/** The options themselves, as long as they are few; a word that is no login's name is said. */
function consentTo(words: readonly string[], named: ReadonlySet<string>): string {
  if (words.length <= few) return words.map(confirmOption).join(' ');
  const others = words.filter((word) => !named.has(word));
  const also = others.length === 0 ? '' : `, including ${others.join(' and ')}`;
  return `--confirm=@FILE, a file with these ${words.length} names, one per line${also}`;
}

function linesOf(instance: string, losses: readonly Loss[], many: boolean, style: Style): readonly string[] {
  const [first] = losses;
  if (!first) return [];
  const what = [...new Set(losses.flatMap((loss) => loss.what))];
  const sessions = losses.reduce<number | null>((most, loss) => (loss.sessions === null ? most : Math.max(most ?? 0, loss.sessions)), null);
  const whose = first.of === null ? 'not in the manifest' : `login of ${printable(first.of)}`;
  const open = sessions === null ? '' : `, ${count(sessions, 'open session')}`;
  const lines = [
    flow([{ text: `${printable(first.who)} on ${printable(instance)} (${whose}${open})` }], 2, style.width),
    ...what.map((one) => flow([{ text: printable(one) }], 6, style.width)),
  ];
  if (many) return lines;
  const keep = losses.find((loss) => loss.keep !== null)?.keep ?? null;
  if (keep !== null) lines.push(style.dim(`      to keep it: ${printable(keep)}`));
  const confirmed = [...new Set(losses.map(confirmOf))].filter((word) => word !== null);
  for (const word of confirmed) lines.push(style.dim(`      to agree to the loss: ${printable(confirmOption(word))}`));
  return lines;
}
