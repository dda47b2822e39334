/** A control character, a change of text direction, a character that nobody sees: each could rewrite a screen, or make one name pass for another. */
export const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}\u2800]/gu;
