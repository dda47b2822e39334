import type { TypeName } from 'libpg-query';
import type { LiveColumn } from './state.ts';
import { nameWords } from './walk.ts';

/** What the server adds to a length in `atttypmod`. */
const HEADER = 4;

/** Whether ALTER COLUMN … TYPE writes the table anew. Only what is known to leave the rows alone does not. */
export function rewritesType(from: LiveColumn, to: TypeName | undefined): boolean {
  const type = nameWords(to?.names).at(-1) ?? '';
  if ((to?.arrayBounds ?? []).length > 0) return true;
  const [first, second = 0] = numbers(to);
  const texts = ['varchar', 'text'];
  if (texts.includes(from.type) && type === 'text') return false;
  if (texts.includes(from.type) && type === 'varchar') {
    if (first === undefined) return false;
    return from.type === 'text' || from.modifier < 0 || first + HEADER < from.modifier;
  }
  if (from.type === 'cidr' && type === 'inet') return false;
  if (from.type !== type) return true;
  if (type === 'numeric') {
    if (first === undefined) return false;
    const modifier = from.modifier - HEADER;
    return from.modifier < 0 || (modifier & 0xffff) !== second || first < modifier >> 16;
  }
  return first === undefined ? from.modifier >= 0 : from.modifier !== first && from.modifier !== first + HEADER;
}

function numbers(type: TypeName | undefined): readonly number[] {
  return (type?.typmods ?? []).flatMap((node) => ('A_Const' in node && node.A_Const.ival ? [node.A_Const.ival.ival ?? 0] : []));
}
