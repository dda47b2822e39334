export * from './engine.ts';
export * from './input.ts';
export * from './session.ts';
export * from './secret-input.ts';
