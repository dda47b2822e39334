import { spelledOut, unprintable } from './unprintable.ts';

/** The option that agrees to something, as a shell takes it: a name that begins with an @ would be read as a file. */
export function confirmOption(word: string): string {
  return `--confirm=${shellWord(`${word.startsWith('@') ? '@' : ''}${word}`)}`;
}

/** Characters that nobody sees are spelled out, so that what is pasted is the name. */
function shellWord(word: string): string {
  if (word.search(unprintable) >= 0) return `$'${word.replaceAll(/[\\']/g, '\\$&').replace(unprintable, spelledOut)}'`;
  return /[\s'"\\$`!;&|<>()*?#~{}[\]^]/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : word;
}
