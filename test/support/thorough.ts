const { ENGINES = '', FULL = '', VERSIONS } = process.env;

/** Everything on everything: hours. */
export const full = FULL === '1' || FULL === 'all';
/** Every suite on every version that it is for. */
export const everyVersion = full || VERSIONS === 'all';
/** As in CI: every suite, on some versions of its engine; every moment. Day by day a suite that tries many moments in turn tries some of them. */
export const thorough = everyVersion || VERSIONS === 'turn';

/** Who names versions with ENGINES works on them: their tables are run whole. */
export const narrowed = ENGINES !== '';

/** What of a suite may be run whole on a version: written mutations, random worlds, moments at which a run is cut, tables of cases. */
export const WHOLES = ['mutations', 'worlds', 'moments', 'tables'] as const;
export type Whole = (typeof WHOLES)[number];

const some = new Set(FULL.split(',').map((name) => name.trim()));

/** True where all of these are to be tried on this version: FULL=1, FULL=redis8,postgres16/worlds, or FULL=turn, as in CI: one each day. */
export const isFull = (version: string, whole: Whole): boolean => full || some.has(version) || some.has(`${version}/${whole}`);

/** True where FULL has this version run a suite that it would not run on: one that has these. */
export const isNamed = (version: string, whole?: Whole): boolean =>
  full || some.has(version) || (whole !== undefined && isFull(version, whole));
