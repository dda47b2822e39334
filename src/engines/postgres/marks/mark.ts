import { flat } from '../../../util/flat.ts';
import { putIn } from '../../../util/record.ts';

/**
 * The mark that cotenant leaves in the comment of every role and database it made or adopted: which project and app it
 * belongs to. Comments are readable by every login, so nothing secret stands in one. It is a line of its own, and whatever
 * somebody wrote into that comment stands above it.
 */
export interface Mark {
  readonly project: string;
  /** null: serves several apps. */
  readonly app: string | null;
  /** On two roles of the app, so that one can be lost: hash of what the last complete apply asked for. */
  readonly applied?: string;
  /** On the ledger's: the same for what serves several apps. An app's mark that an older version wrote may carry it too. */
  readonly shared?: string;
  /** Beside that hash: the roles of the app that are called as nobody would guess, so that one that lost its mark is known by the others. */
  readonly roles?: readonly string[];
  /** Shared tables that the app had not made when that apply ended. */
  readonly waits?: readonly string[];
  /** A role of a share across databases. */
  readonly share?: 'login' | 'holder';
  /** Logins whose sessions an apply was to end and did not see end. */
  readonly ending?: readonly string[];
  /** On the ledger's: the same by database, of those that no app and no other mark stands for. */
  readonly shut?: Readonly<Record<string, readonly string[]>>;
  /** ISO day. */
  readonly retired?: string;
  /** The name before retirement. */
  readonly was?: string;
  /** Of a database that serves several apps, the name under which it was marked: a copy of it has another one. */
  readonly name?: string;
}

const PREFIX = 'cotenant ';

export function writeMark(mark: Mark): string {
  return flat(PREFIX + JSON.stringify(mark));
}

export function readMark(comment: string | null): Mark | null {
  return split(comment).mark;
}

/** What somebody else wrote into a comment, for the spec of its object; left out: nothing. */
export function textOf(comment: string | null): { readonly text?: string } {
  const { text } = split(comment);
  return text === '' ? {} : { text };
}

/** A comment without that: the mark as it is written there, or ''. */
export function markLine(comment: string | null): string {
  return split(comment).line;
}

/** `text` with a mark under it, either of which may be ''. */
export function marked(text: string | undefined, mark: string): string {
  return [text ?? '', mark].filter((part) => part !== '').join('\n');
}

/** The last line that is a mark, and all others. */
function split(comment: string | null): { readonly mark: Mark | null; readonly line: string; readonly text: string } {
  if (!comment?.includes(PREFIX)) return { mark: null, line: '', text: comment ?? '' };
  const lines = comment.split('\n');
  for (const [at, line] of [...lines.entries()].reverse()) {
    const mark = asMark(line);
    if (mark) return { mark, line, text: lines.toSpliced(at, 1).join('\n') };
  }
  return { mark: null, line: '', text: comment };
}

/** As cotenant writes it, and in no other form: others may write about cotenant too. */
function asMark(line: string): Mark | null {
  if (!line.startsWith(PREFIX)) return null;
  const written = line.slice(PREFIX.length);
  try {
    const value: unknown = JSON.parse(written);
    if (typeof value !== 'object' || value === null || !('project' in value) || typeof value.project !== 'string') return null;
    const { app: whose = '' } = value as Record<string, unknown>;
    if (whose === '' || (whose !== null && typeof whose !== 'string') || JSON.stringify(value) !== written) return null;
    const { app, applied, shared, roles, waits, share, ending, shut, retired, was, name } = value as Record<string, unknown>;
    return {
      project: value.project,
      app: typeof app === 'string' ? app : null,
      ...(typeof applied === 'string' ? { applied } : {}),
      ...(typeof shared === 'string' ? { shared } : {}),
      ...(Array.isArray(roles) ? { roles: roles.filter((one) => typeof one === 'string') } : {}),
      ...(Array.isArray(waits) ? { waits: waits.filter((one) => typeof one === 'string') } : {}),
      ...(Array.isArray(ending) ? { ending: ending.filter((one) => typeof one === 'string') } : {}),
      ...(typeof shut === 'object' && shut !== null ? { shut: namesIn(shut) } : {}),
      ...(share === 'login' || share === 'holder' ? { share } : {}),
      ...(typeof retired === 'string' ? { retired } : {}),
      ...(typeof was === 'string' ? { was } : {}),
      ...(typeof name === 'string' ? { name } : {}),
    };
  } catch {
    return null;
  }
}

function namesIn(value: object): Record<string, string[]> {
  const out: Record<string, string[]> = {};
  for (const [key, list] of Object.entries(value))
    if (Array.isArray(list))
      putIn(
        out,
        key,
        list.filter((one) => typeof one === 'string'),
      );
  return out;
}
