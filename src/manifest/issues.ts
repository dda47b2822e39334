import { core } from 'zod';
import type { Path } from '../model/index.ts';
import { lookUp } from '../util/record.ts';
import { closest } from '../util/closest.ts';
import { expectedAt, knownKeys, schemasAt } from './describe-schema.ts';
import type { Findings } from './findings.ts';
import { quoteText } from './frame.ts';
import { hasPassword, isSecretKey } from './mask.ts';
import { entriesOf, find, hasFailed, type Node, pathText, type ScalarNode, spanOf } from './node.ts';

type Issue = core.$ZodIssue;

/** What was parsed, so that an issue can be put into words and at its place. */
export interface Parsed {
  readonly schema: core.$ZodType;
  readonly root: Node;
  /** Where the root stands in the manifest. */
  readonly path: Path;
  /** Path and words for a value that stands elsewhere than under `path`; null: it stands there. */
  elsewhere?(path: readonly PropertyKey[]): { readonly path: Path; readonly used: string } | null;
  /** True for values whose errors have been told already. */
  skip?(path: readonly PropertyKey[]): boolean;
}

/** Adds a finding for each issue. */
export function addIssues(issues: readonly Issue[], parsed: Parsed, findings: Findings): void {
  for (const issue of issues) for (const one of flatten(issue, parsed.root)) addIssue(one, parsed, findings);
}

/** A union fails with the issues of all its branches; people want those of the one that they meant. */
function flatten(issue: Issue, root: Node): readonly Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const branches = issue.errors.filter((branch) => !branch.some((inner) => inner.code === 'invalid_type' && inner.path.length === 0));
  const { node } = find(root, issue.path);
  const score = (branch: readonly Issue[]): number => branch.reduce((sum, inner) => sum + weight(inner), 0);
  const best = branches.toSorted((a, b) => score(a) - score(b))[0];
  if (!best || node.kind === 'scalar') return [{ code: 'invalid_type', expected: 'union', path: issue.path, message: issue.message }];
  return best.flatMap((inner) => flatten(prefixed(inner, issue.path), root));
}

function weight(issue: Issue): number {
  return issue.code === 'unrecognized_keys' ? issue.keys.length * 2 : issue.code === 'invalid_value' ? 3 : 1;
}

function prefixed(issue: Issue, path: readonly PropertyKey[]): Issue {
  return { ...issue, path: [...path, ...issue.path] };
}

function addIssue(issue: Issue, parsed: Parsed, findings: Findings): void {
  const found = find(parsed.root, issue.path);
  if (hasFailed(found.node) || parsed.skip?.(issue.path)) return;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) addUnknownKey(key, issue.path, parsed, findings);
    return;
  }
  const missing = found.depth < issue.path.length;
  const at = placeOf(missing ? issue.path.slice(0, found.depth) : issue.path, parsed);
  const last = issue.path.at(-1);
  const words = missing ? missingWords(issue, at.text, found.node) : wordsOf(issue, at.text, foundWords(found.node, last), parsed);
  const expected = words.expected ?? expectedAt(parsed.schema, issue.path);
  findings.add({
    ...words,
    message: words.message + at.used,
    span: spanOf(found),
    path: at.path,
    ...(expected === undefined ? {} : { expected }),
  });
}

interface Words {
  readonly code: string;
  readonly message: string;
  readonly expected?: string;
  readonly hint?: string;
}

function placeOf(path: readonly PropertyKey[], parsed: Parsed): { path: Path; text: string; used: string } {
  const other = parsed.elsewhere?.(path) ?? null;
  const full = other?.path ?? [...parsed.path, ...path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  return { path: full, text: full.length === 0 ? 'The manifest' : pathText(full), used: other ? ` ${other.used}` : '' };
}

function missingWords(issue: Issue, parent: string, node: Node | undefined): Words {
  const key = String(issue.path.at(-1));
  const near = closest(
    key,
    entriesOf(node).map(([name]) => name),
  );
  const hint = near === null ? `Add \`${key}:\` to it.` : `It has ${quoteText(near)}, which is no key: write \`${key}:\` there.`;
  return { code: 'CT1012', message: `${parent} has no key "${key}".`, hint };
}

function wordsOf(issue: Issue, where: string, found: string, parsed: Parsed): Words {
  switch (issue.code) {
    case 'invalid_type':
      return { code: 'CT1011', message: `${where} is ${found}.`, ...typeHint(issue, found, parsed) };
    case 'invalid_value':
      return { code: 'CT1013', message: `${where} is ${found}.`, ...valueHint(issue.values, find(parsed.root, issue.path).node) };
    case 'invalid_union':
      return {
        code: 'CT1013',
        message: `${where} is ${found}.`,
        ...valueHint('options' in issue ? (issue.options ?? []) : [], find(parsed.root, issue.path).node),
      };
    case 'too_small':
    case 'too_big':
      return {
        code: 'CT1014',
        message: `${where} is ${sizeWords(issue, found)}.`,
        expected: limitWords(issue),
        hint: 'Choose a value within the limit.',
      };
    case 'not_multiple_of':
      return { code: 'CT1014', message: `${where} is ${found}.`, expected: `a multiple of ${issue.divisor}`, hint: 'Choose a multiple.' };
    case 'invalid_format':
      return { code: 'CT1015', message: `${where} is ${found}.`, ...formatWords(issue) };
    case 'invalid_key':
    case 'invalid_element':
      return { code: 'CT1015', message: `${where}: this key is not allowed here.`, ...innerWords(issue.issues) };
    default:
      return customWords(issue, where);
  }
}

function addUnknownKey(key: string, path: readonly PropertyKey[], parsed: Parsed, findings: Findings): void {
  const entry = entriesOf(find(parsed.root, path).node).find(([name]) => name === key)?.[1];
  const at = placeOf([...path, key], parsed);
  const parent = at.path.slice(0, -1);
  const known = knownKeys(schemasAt(parsed.schema, path));
  const meant = closest(key, known);
  const where = parent.length === 0 ? 'at the top of the manifest' : `in ${pathText(parent)}`;
  const elsewhere = known.includes(key);
  findings.add({
    code: 'CT1010',
    message: elsewhere
      ? `The key ${quoteText(key)} cannot be combined with the other keys ${where}.${at.used}`
      : `The key ${quoteText(key)} is unknown ${where}.${at.used}`,
    span: entry?.keySpan ?? spanOf(find(parsed.root, path)),
    path: at.path,
    expected: known.length === 0 ? 'no keys' : `one of ${known.join(', ')}`,
    hint: elsewhere ? 'Remove it, or choose the variant that has it.' : meant === null ? 'Remove it.' : `Did you mean "${meant}"?`,
  });
}

/** The value as a message may show it: never a secret, nothing that came from the environment. */
function foundWords(node: Node, key: PropertyKey | undefined): string {
  if (node.kind === 'list') return node.items.length === 0 ? 'an empty list' : 'a list';
  if (node.kind === 'map') return node.entries.size === 0 ? 'an empty map' : 'a map';
  const { value } = node;
  if (value === null) return 'empty';
  if (node.env !== undefined) return 'a text from the environment';
  if (isSecretKey(key) || (typeof value === 'string' && hasPassword(value)))
    return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
  return typeof value === 'string' ? `the text ${quoteText(value)}` : `${typeof value === 'number' ? 'the number ' : ''}${value}`;
}

function typeHint(issue: core.$ZodIssueInvalidType, found: string, parsed: Parsed): { hint?: string } {
  const { node } = find(parsed.root, issue.path);
  const expected = expectedAt(parsed.schema, issue.path) ?? '';
  if (expected.includes('{ env: ... }') && node.kind === 'scalar') {
    return { hint: 'Never write secrets in the file: refer to an environment variable { env: NAME } or a file { file: PATH }.' };
  }
  const [only] = node.kind === 'map' && node.entries.size === 1 ? node.entries.keys() : [];
  if (only !== undefined && /^\w+$/.test(only) && expected.includes('a text'))
    return { hint: `Text with braces needs quotes: "{${only}}".` };
  if (found === 'empty') return { hint: 'Set a value, or remove the key.' };
  if (node.kind === 'scalar' && typeof node.value === 'number' && issue.expected === 'string' && takes(issue.path, writtenIn(node), parsed))
    return { hint: inQuotes(node) };
  if (node.kind === 'scalar' && /number/.test(expected) && /^\d+$/.test(String(node.value))) return { hint: 'Remove the quotes.' };
  if (node.kind === 'scalar' && expected.startsWith('a list')) return { hint: 'Put it in brackets: [value].' };
  return { hint: 'Use the expected format.' };
}

const writtenIn = ({ written, value }: ScalarNode): string => written ?? String(value);

function inQuotes(node: ScalarNode): string {
  return `Put it in quotes: "${writtenIn(node)}".`;
}

/** As a duration takes no number, with quotes or without. */
function takes(path: readonly PropertyKey[], value: string, { schema }: Parsed): boolean {
  return schemasAt(schema, path).some((one) => core.safeParse(one, value).success);
}

function valueHint(values: readonly unknown[], node: Node): { expected?: string; hint?: string } {
  const known = values.map(String);
  const quoted = node.kind === 'scalar' && typeof node.value === 'number' && values.includes(node.written ?? String(node.value));
  const meant = node.kind === 'scalar' && typeof node.value === 'string' && node.env === undefined ? closest(node.value, known) : null;
  if (known.length === 0) return {};
  const expected = known.length === 1 ? (known[0] ?? '') : `one of ${known.join(', ')}`;
  if (quoted) return { expected, hint: inQuotes(node) };
  return { expected, hint: meant === null ? 'Choose one of the expected values.' : `Did you mean "${meant}"?` };
}

function sizeWords(issue: core.$ZodIssueTooBig | core.$ZodIssueTooSmall, found: string): string {
  if (issue.origin === 'string') return `${found}, too ${issue.code === 'too_big' ? 'long' : 'short'}`;
  return issue.origin === 'array' ? `a list with too ${issue.code === 'too_big' ? 'many' : 'few'} values` : found;
}

function limitWords(issue: core.$ZodIssueTooBig | core.$ZodIssueTooSmall): string {
  const unit = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' values' : '';
  const limit = issue.code === 'too_big' ? issue.maximum : issue.minimum;
  const side =
    issue.code === 'too_big' ? (issue.inclusive === false ? 'less than' : 'at most') : issue.inclusive === false ? 'more than' : 'at least';
  return `${side} ${limit}${unit}`;
}

function formatWords(issue: core.$ZodIssueInvalidStringFormat): { expected?: string; hint: string } {
  // A schema that sets its own message says it better than a pattern.
  const own = issue.message.startsWith('Invalid ') ? null : issue.message;
  const expected = own ?? (issue.format === 'regex' ? `a text that matches ${issue.pattern ?? 'the pattern'}` : `a valid ${issue.format}`);
  return { expected, hint: 'Use the expected format.' };
}

function innerWords(issues: readonly Issue[]): { expected?: string; hint?: string } {
  const [first] = issues;
  return first?.code === 'invalid_format' ? formatWords(first) : first ? { expected: first.message } : {};
}

/** An engine may name its own code, expectation and hint in `params` of a custom issue. */
function customWords(issue: Issue, where: string): Words {
  const params: Readonly<Record<string, unknown>> = issue.code === 'custom' ? (issue.params ?? {}) : {};
  const text = (key: string): string | null => {
    const value = lookUp(params, key);
    return typeof value === 'string' ? value : null;
  };
  const expected = text('expected');
  const message = issue.message === 'Invalid input' ? `${where} is invalid.` : `${where}: ${sentence(issue.message)}`;
  return {
    code: text('code') ?? 'CT1016',
    message,
    ...(expected === null ? {} : { expected }),
    hint: text('hint') ?? 'Change one of the fields named above.',
  };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
