import type { KnownInput, OperatorInput } from '../engine/index.ts';
import type { EngineParts, InstancePart } from './engine-parts.ts';
import { closest } from '../util/closest.ts';
import type { Findings } from './findings.ts';
import { quoteText } from './frame.ts';
import { addUnknown } from './names.ts';
import { entriesOf, isFailed, member, type Node, pathText, textsOf } from './node.ts';

/** Checks that the operators' instances exist and that an engine of theirs knows each word of `may`. */
export function checkOperators(root: Node, parts: EngineParts, findings: Findings): void {
  const declared = [...parts.instances.keys()];
  for (const [name, entry] of entriesOf(member(root, 'operators'))) {
    const path = ['operators', name];
    const named = textsOf(member(entry.node, 'instances'));
    for (const { text, node, index } of named) {
      if (declared.includes(text)) continue;
      const where = { name: text, span: node.span, where: pathText([...path, 'instances']), path: [...path, 'instances', index] };
      addUnknown('CT1203', 'instance', where, declared, findings);
    }
    const on = [...parts.instances.values()].filter((part) => named.length === 0 || named.some(({ text }) => text === part.name));
    const words = [...new Set(on.flatMap(wordsOf))];
    if (on.length === 0) continue;
    for (const { text, node, index } of textsOf(member(entry.node, 'may'))) {
      if (words.includes(text)) continue;
      const meant = closest(text, words);
      findings.add({
        code: 'CT1210',
        message: `Operator ${quoteText(name)}: no engine of its instances knows the word ${quoteText(text)} in \`may\`.`,
        span: node.span,
        path: [...path, 'may', index],
        expected: words.length === 0 ? 'nothing: these engines do not support operators' : `one of ${words.join(', ')}`,
        hint: meant === null ? 'The engine’s documentation page lists what an operator may do.' : `Did you mean "${meant}"?`,
      });
    }
  }
}

/** Checks that the instances of the known logins exist. */
export function checkKnown(root: Node, declared: readonly string[], findings: Findings): void {
  const list = member(root, 'known');
  const items = list?.kind === 'list' ? list.items : [];
  for (const [index, item] of items.entries()) {
    const on = member(item, 'on');
    if (on?.kind !== 'scalar' || typeof on.value !== 'string' || isFailed(on) || declared.includes(on.value)) continue;
    const path = ['known', index, 'on'];
    addUnknown('CT1203', 'instance', { name: on.value, span: on.span, where: pathText(path), path }, declared, findings);
  }
}

interface OperatorShape {
  readonly may: readonly string[];
  readonly instances?: readonly string[] | undefined;
}

/** The operators of one instance, each with the words that its engine knows. */
export function operatorsOn(operators: Readonly<Record<string, OperatorShape>>, part: InstancePart): readonly OperatorInput[] {
  const words = new Set(wordsOf(part));
  return Object.entries(operators).flatMap(([name, { may, instances }]) => {
    const here = [...new Set(may)].filter((word) => words.has(word));
    const meant = instances?.includes(part.name) ?? true;
    return meant && here.length > 0 ? [{ name, may: here, path: ['operators', name] }] : [];
  });
}

interface KnownShape {
  readonly user: string;
  readonly on?: string | undefined;
  readonly why: string;
}

/** The known logins of one instance. */
export function knownOn(known: readonly KnownShape[], instance: string): readonly KnownInput[] {
  return known.flatMap(({ user, on, why }, index) => ((on ?? instance) === instance ? [{ user, why, path: ['known', index] }] : []));
}

function wordsOf({ engine }: InstancePart): readonly string[] {
  return Object.keys(engine.operatorRights ?? {});
}
