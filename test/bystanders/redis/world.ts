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
  /** Level of its mark, where that is not `prefix`; on a retired one also the day. */
  readonly marked?: string;
  /** What its sessions are in the middle of: one each, besides one that does nothing. */
  readonly holds?: readonly string[];
  /** What the operator has made for it, in its database: commands, word by word. */
  readonly made?: readonly (readonly string[])[];
  /** Settings that the server is started with. */
  readonly settings?: Readonly<Record<string, string>>;
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
