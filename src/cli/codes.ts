/** Codes of diagnostics that have an exit code of their own. */
export const credentialCodes: ReadonlySet<string> = new Set(['CT2002']);
export const unreachableCodes: ReadonlySet<string> = new Set(['CT2001']);

/** Codes that the command line itself gives. */
export const consentMissing = 'CT4004';
export const savedPlanUnusable = 'CT4005';
export const fileNotWritten = 'CT4006';
export const passwordFileUnreadable = 'CT4007';
export const internalError = 'CT9001';
