export * from './address.ts';
export * from './diagnostic.ts';
export * from './finding.ts';
export * from './intent.ts';
export * from './json.ts';
export * from './plan.ts';
export * from './resource.ts';
export * from './status.ts';
