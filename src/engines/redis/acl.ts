import { type Mark, readMark } from './marks/mark.ts';

/** A user as ACL LIST tells it. */
export interface AclUser {
  readonly name: string;
  readonly enabled: boolean;
  /** Lets anybody in, whatever the password. */
  readonly noPassword: boolean;
  /** SHA-256 of each password, in hex. */
  readonly hashes: readonly string[];
  /** With `%R~` or `%W~` in front where not both are allowed; without `~` where they are. Sorted. */
  readonly keys: readonly string[];
  readonly channels: readonly string[];
  /** Rules as they are, in order: what they come to is for `evaluateRules` to say. */
  readonly rules: readonly string[];
  /** `all`, or the numbers with commas, where the server has rules for databases. */
  readonly databases: string;
  /** Selectors besides the mark, as they are. */
  readonly selectors: readonly string[];
  readonly skipsSanitizing: boolean;
  readonly mark: Mark | null;
}

/** One line of ACL LIST. */
export function parseAclLine(line: string): AclUser {
  const [, name = '', ...words] = line.split(' ');
  const { plain, selectors } = splitSelectors(words);
  const marks = selectors.map(markOf);
  const flags = new Set(plain);
  return {
    name,
    enabled: flags.has('on'),
    noPassword: flags.has('nopass'),
    hashes: plain.filter((word) => word.startsWith('#')).map((word) => word.slice(1)),
    ...parseWords(plain),
    selectors: selectors.filter((_, index) => marks[index] === null),
    skipsSanitizing: flags.has('skip-sanitize-payload'),
    mark: marks.find((mark) => mark !== null) ?? null,
  };
}

/** What the words of a user, or of one selector, say about keys, channels, commands and databases. */
export function parseWords(words: readonly string[]): Pick<AclUser, 'keys' | 'channels' | 'rules' | 'databases'> {
  return {
    keys: words
      .filter((word) => /^(?:~|%)/.test(word) || word === 'allkeys')
      .map(keyPattern)
      .sort(),
    channels: words
      .filter((word) => word.startsWith('&') || word === 'allchannels')
      .map((word) => (word === 'allchannels' ? '*' : word.slice(1)))
      .sort(),
    rules: words.filter((word) => /^[+-]|^(?:all|no)commands$/.test(word)),
    databases: databasesOf(words),
  };
}

export function selectorWords(selector: string): readonly string[] {
  return selector.slice(1, -1).split(' ');
}

/** A selector begins with a parenthesis and goes on to the word that ends with one, as the server itself reads it. */
function splitSelectors(words: readonly string[]): { readonly plain: readonly string[]; readonly selectors: readonly string[] } {
  const plain: string[] = [];
  const selectors: string[] = [];
  let open: string[] | null = null;
  for (const word of words) {
    if (open === null && !word.startsWith('(')) plain.push(word);
    else {
      open = [...(open ?? []), word];
      if (!word.endsWith(')')) continue;
      selectors.push(open.join(' '));
      open = null;
    }
  }
  return { plain, selectors };
}

/** A selector is a mark only where it allows nothing. */
function markOf(selector: string): Mark | null {
  const words = selectorWords(selector).filter((word) => word !== 'resetchannels' && word !== 'alldbs' && word !== '-@all');
  const [pattern = ''] = words;
  return words.length === 1 && pattern.startsWith('~') ? readMark(pattern.slice(1)) : null;
}

function keyPattern(word: string): string {
  if (word === 'allkeys') return '*';
  if (!word.startsWith('~')) return word;
  // A key may begin with the letter that says what a pattern is for: escaped it means the same.
  return word.startsWith('~%') ? `\\${word.slice(1)}` : word.slice(1);
}

function databasesOf(words: readonly string[]): string {
  const numbers = words.filter((word) => word.startsWith('db=')).flatMap((word) => word.slice(3).split(','));
  return numbers.length > 0 ? numbers.sort((a, b) => Number(a) - Number(b)).join(',') : words.includes('resetdbs') ? '' : 'all';
}
