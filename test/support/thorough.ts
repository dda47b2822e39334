const { ENGINES = '', FULL = '', VERSIONS } = process.env;

/** Everything on everything: hours. */
export const full = FULL === '1' || FULL === 'all';
/** As in CI: every version, every moment. Day by day a suite that tries many moments in turn tries some of them. */
export const thorough = full || VERSIONS === 'all';

/** Who names versions with ENGINES works on them: their tables are run whole. */
export const narrowed = ENGINES !== '';

const some = new Set(FULL.split(',').map((name) => name.trim()));

/** True where everything is to be tried on this version: FULL=1, FULL=redis8,postgres16, or FULL=turn, as in CI: one each day. */
export const isFull = (version: string): boolean => full || some.has(version);
