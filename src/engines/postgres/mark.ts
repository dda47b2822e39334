import { flat } from '../../util/flat.ts';
import { putIn } from '../../util/record.ts';

/**
 * The mark that cotenant leaves as a comment on every role and database it made or adopted: which project and app it
 * belongs to. Comments are readable by every login, so nothing secret stands in one.
 */
export interface Mark {
  readonly project: string;
  /** null: serves several apps. */
  readonly app: string | null;
  /** On two roles of the app, so that one can be lost: hash of what the last complete apply asked for. */
  readonly applied?: string;
  /** On the ledger's: the same for what serves several apps. An app's mark that an older version wrote may carry it too. */
  readonly shared?: string;
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
}

const PREFIX = 'cotenant ';

export function writeMark(mark: Mark): string {
  return flat(PREFIX + JSON.stringify(mark));
}

export function readMark(comment: string | null): Mark | null {
  if (!comment?.startsWith(PREFIX)) return null;
  try {
    const value: unknown = JSON.parse(comment.slice(PREFIX.length));
    if (typeof value !== 'object' || value === null || !('project' in value) || typeof value.project !== 'string') return null;
    const { app, applied, shared, waits, share, ending, shut, retired, was } = value as Record<string, unknown>;
    return {
      project: value.project,
      app: typeof app === 'string' ? app : null,
      ...(typeof applied === 'string' ? { applied } : {}),
      ...(typeof shared === 'string' ? { shared } : {}),
      ...(Array.isArray(waits) ? { waits: waits.filter((one) => typeof one === 'string') } : {}),
      ...(Array.isArray(ending) ? { ending: ending.filter((one) => typeof one === 'string') } : {}),
      ...(typeof shut === 'object' && shut !== null ? { shut: namesIn(shut) } : {}),
      ...(share === 'login' || share === 'holder' ? { share } : {}),
      ...(typeof retired === 'string' ? { retired } : {}),
      ...(typeof was === 'string' ? { was } : {}),
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
