import { flat } from '../../util/flat.ts';

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
  /** On the first app's: the same for what serves several apps. */
  readonly shared?: string;
  /** Shared tables that the app had not made when that apply ended. */
  readonly waits?: readonly string[];
  /** A role of a share across databases. */
  readonly share?: 'login' | 'holder';
  /** Logins whose sessions an apply was to end and did not see end. */
  readonly ending?: readonly string[];
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
    const { app, applied, shared, waits, share, ending, retired, was } = value as Record<string, unknown>;
    return {
      project: value.project,
      app: typeof app === 'string' ? app : null,
      ...(typeof applied === 'string' ? { applied } : {}),
      ...(typeof shared === 'string' ? { shared } : {}),
      ...(Array.isArray(waits) ? { waits: waits.filter((one) => typeof one === 'string') } : {}),
      ...(Array.isArray(ending) ? { ending: ending.filter((one) => typeof one === 'string') } : {}),
      ...(share === 'login' || share === 'holder' ? { share } : {}),
      ...(typeof retired === 'string' ? { retired } : {}),
      ...(typeof was === 'string' ? { was } : {}),
    };
  } catch {
    return null;
  }
}
