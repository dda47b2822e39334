import type { Path } from '../model/index.ts';
import { expand, type Env, fillName, namesIn, type Variables } from './expand.ts';
import type { Findings } from './findings.ts';
import { quoteText } from './frame.ts';
import { limits } from './limits.ts';
import { checkName } from './names.ts';
import { type Entry, entriesOf, hasFailed, member, type Node, pathText, type Span, textsOf } from './node.ts';

/** One app after `for`, not yet parsed. */
export interface AppNode {
  readonly name: string;
  /** `for` left in; everything else filled. */
  readonly node: Node;
  readonly path: Path;
  readonly keySpan: Span;
}

interface Source {
  readonly path: Path;
  readonly key: string;
  readonly raw: Entry;
  /** The same with the environment filled in. */
  readonly filled: Node;
}

/** All apps of `apps` and `teams`, in the order of the file, names checked and unique. */
export function collectApps(raw: Node, filled: Node, env: Env, findings: Findings): readonly AppNode[] {
  const apps: AppNode[] = [];
  const places = new Map<string, string>();
  for (const section of ['apps', 'teams'] as const) {
    for (const [key, entry] of entriesOf(member(raw, section))) {
      const filledNode = member(member(filled, section), key) ?? entry.node;
      for (const app of appsOf({ path: [section, key], key, raw: entry, filled: filledNode }, env, findings)) {
        const first = places.get(app.name);
        if (first !== undefined) addDuplicate(app, first, findings);
        else if (apps.length >= limits.apps) {
          findings.add({
            code: 'CT1004',
            message: `The file expands to more than ${limits.apps} apps.`,
            span: app.keySpan,
            expected: `at most ${limits.apps}`,
            hint: 'Use several manifests.',
          });
          return apps;
        } else if (checkName(app.name, 'app', app.keySpan, findings)) {
          places.set(app.name, pathText(app.path));
          apps.push(app);
        }
      }
    }
  }
  return apps;
}

function addDuplicate(app: AppNode, first: string, findings: Findings): void {
  const here = pathText(app.path);
  const hint = here === first ? 'Use every variable of `for` in the key, and list each value once.' : 'Rename one of them.';
  findings.add({
    code: 'CT1202',
    message: `Two apps are called ${quoteText(app.name)}: in ${first} and in ${here}.`,
    span: app.keySpan,
    path: app.path,
    expected: 'unique app names',
    hint,
  });
}

function* appsOf(source: Source, env: Env, findings: Findings): Generator<AppNode> {
  const { keySpan } = source.raw;
  const loop = member(source.filled, 'for');
  if (!loop) {
    yield { name: source.key, node: source.filled, path: source.path, keySpan };
    return;
  }
  if (hasFailed(loop)) return;
  const lists = loopLists(loop, source, findings);
  if (!lists) return;
  const total = lists.reduce((product, [, values]) => product * values.length, 1);
  if (total > limits.apps) {
    findings.add({
      code: 'CT1209',
      message: `\`for\` in ${pathText(source.path)} expands to ${total} apps.`,
      span: keySpan,
      expected: `at most ${limits.apps}`,
      hint: 'Use shorter lists.',
    });
    return;
  }
  for (const variables of product(lists)) {
    const node = expand(source.raw.node, { env, variables, findings });
    yield { name: fillName(source.key, variables), node, path: source.path, keySpan };
  }
}

type Lists = readonly (readonly [string, readonly string[]])[];

/** The variables with their values; null where `for` is not usable, which has its own error. */
function loopLists(loop: Node, source: Source, findings: Findings): Lists | null {
  const used = new Set(namesIn(source.key));
  const lists: (readonly [string, readonly string[]])[] = [];
  let good = loop.kind === 'map' && loop.entries.size > 0;
  for (const [name, entry] of entriesOf(loop)) {
    const values = valuesOf(entry.node);
    if (addOtherwiseWritten(name, entry.node, findings)) good = false;
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      findings.add({
        code: 'CT1209',
        message: `${quoteText(name)} is not a valid variable of \`for\`.`,
        span: entry.keySpan,
        expected: 'letters, digits and _, not starting with a digit',
        hint: 'Rename it here and wherever it is used.',
      });
      good = false;
    } else if (values.length > 1 && !used.has(name)) {
      const message = `The key ${quoteText(source.key)} does not contain {${name}}, so its ${values.length} apps would have the same name.`;
      findings.add({
        code: 'CT1209',
        message,
        span: source.raw.keySpan,
        expected: 'a key with every variable of `for`',
        hint: `For example: ${quoteText(`${source.key}_{${name}}`)}.`,
      });
      good = false;
    } else if (values.length === 0) good = false;
    lists.push([name, values]);
  }
  return good ? lists : null;
}

/** 01 is the number 1 to YAML: whoever writes it means a text. True where one was found. */
function addOtherwiseWritten(variable: string, list: Node, findings: Findings): boolean {
  const items = list.kind === 'list' ? list.items : [];
  const found = items.flatMap((item) => (item.kind === 'scalar' && item.written !== undefined ? [{ ...item, written: item.written }] : []));
  for (const { value, written, span } of found) {
    findings.add({
      code: 'CT1209',
      message: `The value ${written} of {${variable}} is the number ${value} in YAML, and names would have ${value} in them.`,
      span,
      expected: 'a text, or a number as it is printed',
      hint: `Put it in quotes: "${written}".`,
    });
  }
  return found.length > 0;
}

function valuesOf(node: Node): readonly string[] {
  if (node.kind !== 'list') return [];
  const numbers = node.items.every((item) => item.kind === 'scalar' && (typeof item.value === 'number' || typeof item.value === 'string'));
  if (!numbers) return textsOf(node).map((item) => item.text);
  return node.items.flatMap((item) => (item.kind === 'scalar' ? [String(item.value)] : []));
}

/** Every combination, the first variable slowest. */
function* product(lists: Lists): Generator<Variables> {
  const [first, ...rest] = lists;
  if (!first) {
    yield {};
    return;
  }
  for (const value of first[1]) for (const others of product(rest)) yield { [first[0]]: value, ...others };
}
