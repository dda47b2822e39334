/** A control character, a change of text direction, a character that nobody sees: each could rewrite a screen, or make one name pass for another. */
export const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}\u2800]/gu;

/** As YAML between double quotes has it, and a shell in `$'…'`. */
export function spelledOut(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}
