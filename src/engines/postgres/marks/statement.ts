import { marked } from './mark.ts';
import { ident, literal } from '../quote.ts';

/** The statement that leaves a comment with what a person wrote and this mark under it; without both it is taken off. */
export function commentStatement(kind: string, name: string, text: string | undefined, mark = ''): string {
  const whole = marked(text, mark);
  return `COMMENT ON ${kind.toUpperCase()} ${ident(name)} IS ${whole === '' ? 'NULL' : literal(whole)}`;
}
