import { lookUp } from '../util/record.ts';
import type { Findings } from './findings.ts';
import { quoteText } from './frame.ts';
import type { Entry, FromEnv, Node, ScalarNode } from './node.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** Values of `for`, one for each variable. */
export type Variables = Readonly<Record<string, string>>;

interface Expansion {
  readonly env: Env;
  readonly variables: Variables;
  readonly findings: Findings;
}

// One pass: what came out of a variable is never read again.
const pattern = /\$\$|\$\{([^}]*)\}|\$\{|\{([A-Za-z_]\w*)\}/g;
const reference = /^([A-Za-z_]\w*)(?::-(.*))?$/s;

/** The tree with `${VAR}`, `$$` and `{name}` filled in. Parts that hold none of them are shared with the old tree. */
export function expand(node: Node, expansion: Expansion): Node {
  if (node.kind === 'scalar') return expandScalar(node, expansion);
  if (node.kind === 'list') {
    const items = node.items.map((item) => expand(item, expansion));
    return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
  }
  let changed = false;
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries) {
    const value = expand(entry.node, expansion);
    if (value !== entry.node) changed = true;
    entries.set(key, value === entry.node ? entry : { ...entry, node: value });
  }
  return changed ? { ...node, entries } : node;
}

/** The text with `{name}` replaced; other braces stay. */
export function fillName(text: string, variables: Variables): string {
  return text.replaceAll(/\{([A-Za-z_]\w*)\}/g, (all, name: string) => lookUp(variables, name) ?? all);
}

/** Names in braces. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/\{([A-Za-z_]\w*)\}/g)].map((match) => match[1] ?? '');
}

function expandScalar(node: ScalarNode, expansion: Expansion): ScalarNode {
  const text = node.value;
  if (typeof text !== 'string' || !/[${]/.test(text)) return node;
  let fromEnv: FromEnv | undefined;
  const value = text.replaceAll(pattern, (all: string, inside: string | undefined, name: string | undefined) => {
    if (all === '$$') return '$';
    if (name !== undefined) return lookUp(expansion.variables, name) ?? all;
    const filled = inside === undefined ? null : fromEnvironment(inside, node, expansion);
    if (inside === undefined) addMalformed(all, node, expansion.findings);
    if (filled === null) fromEnv = 'failed';
    else fromEnv ??= all.length === text.length ? 'whole' : 'part';
    return filled ?? '';
  });
  if (value === text && fromEnv === undefined) return node;
  return { ...node, value, ...(fromEnv === undefined ? {} : { env: fromEnv }) };
}

function fromEnvironment(inside: string, node: ScalarNode, { env, findings }: Expansion): string | null {
  const match = reference.exec(inside);
  const name = match?.[1];
  if (name === undefined) {
    addMalformed(`\${${inside}}`, node, findings);
    return null;
  }
  const value = lookUp(env, name);
  const fallback = match?.[2];
  // As in a shell, `:-` also stands in for an empty value.
  if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
  if (value !== undefined) return value;
  findings.add({
    code: 'CT1302',
    message: `The environment variable ${name} is not set.`,
    span: node.span,
    expected: 'a set variable',
    hint: `Set ${name} in the environment of cotenant, or write a default: \${${name}:-value}.`,
  });
  return null;
}

function addMalformed(found: string, node: ScalarNode, findings: Findings): void {
  const hint = 'For a literal dollar sign write two: $$.';
  findings.add({
    code: 'CT1303',
    message: `${quoteText(found)} is not a valid variable reference.`,
    span: node.span,
    expected: '${NAME} or ${NAME:-default}',
    hint,
  });
}
