const { FULL, VERSIONS } = process.env;

/** Everything on everything: hours. */
export const full = Boolean(FULL);
/** As in CI: every version, every moment. Day by day a suite that tries many moments in turn tries some of them. */
export const thorough = full || VERSIONS === 'all';
