export { localMachine } from './machine.ts';
export { onShutdown } from './shutdown.ts';
