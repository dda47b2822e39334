/** Codes of instances that nobody got into. */
export const unreachableCodes: ReadonlySet<string> = new Set([
  'CT3001',
  'CT3004',
  'CT3007',
  'CT3010',
  'CT3013',
  'CT3014',
  'CT3015',
  'CT3016',
  'CT3017',
  'CT3019',
  'CT3020',
  'CT3022',
]);
/** Codes of servers that let this very login not in. */
export const credentialCodes: ReadonlySet<string> = new Set(['CT3002', 'CT3018', 'CT3021']);
