import type { Json } from '../frame.ts';

/** A bystander as plain data: a user of the server, as somebody made it by hand. */
export interface Piece {
  readonly user: string;
  /** Rules of ACL SETUSER, with blanks between; a selector in parentheses is one. */
  readonly rules: string;
  /** Commands that it runs, words parted by blanks. Each can run again and again. */
  readonly acts: readonly string[];
  /** Keys that are its own, in database 0 unless said otherwise. */
  readonly keys: readonly string[];
  readonly database?: number;
  /** Another project that its mark names. */
  readonly project?: string;
  readonly more?: Json;
}

export const passwordOf = (user: string): string => `old-${user}`;

/** Words of a command; what stands in parentheses is one word. */
export const wordsOf = (text: string): readonly string[] => text.match(/\([^)]*\)|\S+/g) ?? [];

/** Whoever connects without a login. */
export const NOBODY = 'default';

export const isSwitchedOff = ({ rules }: Piece): boolean => wordsOf(rules).includes('off');
export const needsNoPassword = ({ rules }: Piece): boolean => wordsOf(rules).includes('nopass');

/** What every key of a bystander holds, and is set to again. */
export const KEPT = 'kept';
