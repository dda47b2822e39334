export { jsonSchema } from './json-schema.ts';
export { findManifest, loadManifest, manifestBeside, manifestIn, requireManifest } from './load.ts';
export { parseManifest } from './parse.ts';
export type * from './types.ts';
