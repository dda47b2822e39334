import type { Node, Span } from './node.ts';

const urlPassword = /(:\/\/[^\s:@/?#]{0,200}:)\S{0,2000}(?=@)/g;
const parameterPassword = /([?&;\s](?:password|passwd|pwd)=)[^\s&;]+/gi;
const secretKey = /(?:password|passwd|passphrase|secret|token|api_?key|credential)s?$/i;
const plainSecret =
  /(\b\w*(?:password|passwd|passphrase|secret|token|api_?key|credential)s?["']?\s*:\s+)(?![{[&*|>!#]|\$\{\w+\})[^\s#].*$/gim;

/** True for names of fields that hold secrets: their values are never shown. */
export function isSecretKey(key: PropertyKey | undefined): boolean {
  return typeof key === 'string' && secretKey.test(key);
}

/** True for a URL with a password in it, before the host or as a parameter. */
export function hasPassword(text: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return false;
  if (/[?&](?:password|passwd|pwd)=[^&]/i.test(text)) return true;
  const url = URL.parse(text);
  if (url) return url.password !== '';
  return /^[a-z][a-z0-9+.-]*:\/\/[^:@/?#]*:.+@/is.test(text);
}

/** The text with every password of a URL covered. */
export function maskText(text: string): string {
  return text.replace(urlPassword, '$1***').replace(parameterPassword, '$1***');
}

/** The same for a sentence that a text was put into: it ends at a quote. */
export function maskSentence(text: string): string {
  return text.replace(urlPassword, '$1***').replace(/([?&;](?:password|passwd|pwd)=)[^\s&;"]+/gi, '$1***');
}

/** Stands for a covered character; the frame prints a run of them as `***`. */
export const covered = '\u0000';

/** The file with secrets covered, every character at its place, for frames. `tree` null: the file could not be read as YAML. */
export function maskSource(source: string, tree: Node | null): string {
  const cover = (all: string, kept: string): string => kept + covered.repeat(all.length - kept.length);
  const masked = source.replace(urlPassword, cover).replace(parameterPassword, cover).replace(plainSecret, cover);
  const parts: string[] = [];
  let from = 0;
  for (const span of tree ? secretSpans(tree, source) : []) {
    if (span.start < from) continue;
    parts.push(masked.slice(from, span.start), masked.slice(span.start, span.end).replace(/[^\r\n]/g, covered));
    from = span.end;
  }
  return parts.join('') + masked.slice(from);
}

function secretSpans(tree: Node, source: string): Span[] {
  const spans = new Map<number, Span>();
  const seen = new Set<Node>();
  const visit = (node: Node, key: string | undefined): void => {
    if (node.kind === 'scalar') {
      const written = source.slice(node.span.start, node.span.end);
      const secret = isSecretKey(key)
        ? !isReference(node.value)
        : typeof node.value === 'string' && hasPassword(node.value) && !isCoveredByText(written);
      if (secret && node.value !== null) spans.set(node.span.start, node.span);
      return;
    }
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'list') for (const item of node.items) visit(item, key);
    else for (const [name, entry] of node.entries) visit(entry.node, name);
  };
  visit(tree, undefined);
  return [...spans.values()].sort((a, b) => a.start - b.start);
}

/** True where the patterns above find the password in the text as it is written: no escapes, no line ends. */
function isCoveredByText(written: string): boolean {
  return !/[\s\\]/.test(written) && maskText(written) !== written;
}

/** `${VAR}` is shown: it names the secret and does not hold it. */
function isReference(value: unknown): boolean {
  return typeof value === 'string' && /^\$\{[A-Za-z_]\w*\}$/.test(value);
}
