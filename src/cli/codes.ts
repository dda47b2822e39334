/** Codes that the command line itself gives. */
export const consentMissing = 'CT4003';
export const confirmationMissing = 'CT4004';
export const savedPlanUnusable = 'CT4005';
export const clientMissing = 'CT4020';
export const maskedOutput = 'CT5103';
export const unknownCode = 'CT1091';
export const fileExists = 'CT4008';
export const internalError = 'CT9001';
export const fileNotWritten = 'CT9002';
export const roomHint = 'Check its folder: that it is there, who may write in it, and that the disk has room';
export const passwordFileUnreadable = 'CT9003';
export const namesUnreadable = 'CT9004';
export const badCommandLine = 'CT9005';
export const renderEdited = 'CT4700';
export const renderForeign = 'CT4701';
