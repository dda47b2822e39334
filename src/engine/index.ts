export * from './engine.ts';
export * from './input.ts';
export * from './runtime.ts';
export * from './session.ts';
export * from './verify.ts';
export * from './secret-input.ts';
export * from './hashes.ts';
