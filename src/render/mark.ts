import { sha256 } from '../util/canonical.ts';

const MARK = /^(?:#|--) made by cotenant render; a change by hand is kept, and told\. sha256 of what follows: ([0-9a-f]{64})\n/;

/** The body behind a line that says who made it, and by which it is seen that nobody has changed it. */
export function marked({ path, body }: { readonly path: string; readonly body: string }): string {
  return `${path.endsWith('.sql') ? '--' : '#'} made by cotenant render; a change by hand is kept, and told. sha256 of what follows: ${sha256(body)}\n${body}`;
}

/** Whose a text is: `ours` as it was written, `edited` since, or `foreign`. */
export function whose(text: string): 'ours' | 'edited' | 'foreign' {
  const mark = MARK.exec(text);
  if (mark === null) return 'foreign';
  return mark[1] === sha256(text.slice(mark[0].length)) ? 'ours' : 'edited';
}
