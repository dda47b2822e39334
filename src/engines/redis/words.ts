/** One word as `redis-cli` and `valkey-cli` read it at their prompt: in double quotes where it would not stay one word as it is. */
function quoteWord(word: string): string {
  if (/^[^\s"'\\\u0000-\u001f\u007f]+$/.test(word)) return word;
  const inside = word.replaceAll(/["\\\u0000-\u001f\u007f]/g, (character) =>
    character === '"' || character === '\\' ? `\\${character}` : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${inside}"`;
}

export function commandText(...words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

/** The words of a command text: the reverse of `commandText`. Throws where a quote stays open. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ') {
      at += 1;
    } else if (text[at] === '"') {
      const [word, end] = quoted(text, at + 1);
      words.push(word);
      at = end;
    } else {
      const end = text.indexOf(' ', at);
      words.push(text.slice(at, end === -1 ? text.length : end));
      at = end === -1 ? text.length : end;
    }
  }
  return words;
}

function quoted(text: string, start: number): readonly [word: string, end: number] {
  let word = '';
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '"') return [word, at + 1];
    if (character !== '\\') word += character;
    else if (text[at + 1] === 'x') {
      word += String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 4), 16));
      at += 3;
    } else {
      word += text[at + 1] ?? '';
      at += 1;
    }
  }
  throw new Error('a quote is not closed');
}
