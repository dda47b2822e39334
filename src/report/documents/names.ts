/** Every JSON document. Apart from the schemas, so that the command tree loads without them. */
export const documentNames = [
  'plan',
  'saved-plan',
  'ended',
  'failed',
  'verify',
  'verify-round',
  'verify-round-failed',
  'status',
  'history',
  'validate',
  'up',
  'down',
  'credentials',
  'env',
] as const;

export type DocumentName = (typeof documentNames)[number];
