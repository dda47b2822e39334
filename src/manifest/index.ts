export { jsonSchema } from './json-schema.ts';
export { loadManifest, requireManifest } from './load.ts';
export { parseManifest } from './parse.ts';
export type * from './types.ts';
