/** Somebody was in the way, or changed what was read: another try may find it at rest. */
export class Moved extends Error {}
