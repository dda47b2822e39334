/** Characters of one line that are shown. */
const LONGEST = 4000;

/** Makes lines of what comes in pieces, with every secret covered. */
export class LineReader {
  readonly #secrets: readonly string[];
  readonly #say: (line: string) => void;
  readonly #keep: number;
  #rest = '';

  constructor(secrets: readonly string[], say: (line: string) => void) {
    this.#secrets = secrets.filter((secret) => secret !== '').toSorted((a, b) => b.length - a.length);
    this.#say = say;
    this.#keep = this.#secrets[0]?.length ?? 0;
  }

  take(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n|\r/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
    // A line without an end is shown in pieces; no piece may hold half of a secret.
    if (this.#rest.length > LONGEST + this.#keep) {
      const masked = masking(this.#rest, this.#secrets);
      this.#say(masked.slice(0, LONGEST));
      this.#rest = masked.slice(LONGEST);
    }
  }

  end(): void {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
  }

  #line(line: string): void {
    const masked = masking(line, this.#secrets);
    if (masked.trim() === '') return;
    for (let at = 0; at < masked.length; at += LONGEST) this.#say(masked.slice(at, at + LONGEST));
  }
}

function masking(text: string, secrets: readonly string[]): string {
  return secrets.reduce((masked, secret) => (secret === '' ? masked : masked.replaceAll(secret, '***')), text);
}
