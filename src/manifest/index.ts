export { jsonSchema } from './json-schema.ts';
export { findManifest, loadManifest, manifestNames, requireManifest } from './load.ts';
export { type ParseOptions, parseManifest } from './parse.ts';
export type * from './types.ts';
