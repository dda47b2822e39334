import type { Path } from '../model/index.ts';
import { closest } from '../util/closest.ts';
import type { Findings } from './findings.ts';
import { quoteText } from './frame.ts';
import { limits } from './limits.ts';
import { namesIn } from './expand.ts';
import { maskText } from './mask.ts';
import type { Span } from './node.ts';

const form = `letters, digits, _ and -, starting with a letter, at most ${limits.name} characters`;

/** Why a name cannot be used; null: it can. */
function nameProblem(name: string): string | null {
  if (name === '') return 'is empty';
  if (name.length > limits.name) return `has ${name.length} characters`;
  if (!/^[A-Za-z]/.test(name)) return 'does not start with a letter';
  const wrong = /[^A-Za-z0-9_-]/u.exec(name)?.[0];
  if (wrong !== undefined) return `contains ${/^[!-~]$/.test(wrong) ? wrong : `the character ${codePoint(wrong)}`}`;
  if (name in Object.prototype) return 'is a reserved word';
  return null;
}

function codePoint(text: string): string {
  return `U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Adds a finding where the name cannot be used. `kind` as `app`. */
export function checkName(name: string, kind: string, span: Span, findings: Findings): boolean {
  const problem = nameProblem(name);
  if (problem === null) return true;
  const [variable] = namesIn(name);
  const hint = variable === undefined ? nameHint(name) : `{${variable}} is only replaced where \`for\` lists values for ${variable}.`;
  findings.add({
    code: 'CT1201',
    message: `The name ${quoteText(name)} is not valid for this ${kind}: it ${problem}.`,
    span,
    expected: form,
    hint,
  });
  return false;
}

function nameHint(name: string): string {
  const better = name
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/^[^A-Za-z]+|_+$/g, '')
    .slice(0, limits.name);
  return better !== '' && maskText(name) === name && nameProblem(better) === null
    ? `"${better}" would do.`
    : 'Choose a shorter, plain name.';
}

export interface Reference {
  readonly name: string;
  readonly span: Span;
  /** Where it stands, in words. */
  readonly where: string;
  readonly path: Path;
}

/** Adds a finding for a name that nothing has. */
export function addUnknown(code: string, kind: string, reference: Reference, declared: readonly string[], findings: Findings): void {
  const known = declared.filter((name) => nameProblem(name) === null);
  const meant = closest(reference.name, known);
  const shown =
    known.length === 0
      ? 'none is declared'
      : known.length > 12
        ? `one of ${known.slice(0, 12).join(', ')} and ${known.length - 12} more`
        : `one of ${known.join(', ')}`;
  findings.add({
    code,
    message: `There is no ${kind} ${quoteText(reference.name)}, named in ${reference.where}.`,
    span: reference.span,
    path: reference.path,
    expected: shown,
    hint: meant === null ? `Declare it under \`${kind}s:\`, or remove the reference.` : `Did you mean "${meant}"?`,
  });
}
