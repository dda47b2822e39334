export * from './model/index.ts';
export type * from './app/types.ts';
export type { EnvVar, LockHolder } from './engine/index.ts';
export type { AppDecl, InstanceDecl, Manifest, ReaderDecl } from './manifest/types.ts';
