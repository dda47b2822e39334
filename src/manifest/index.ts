export { jsonSchema } from './json-schema.ts';
export { loadManifest, requireManifest } from './load.ts';
export type * from './types.ts';
