export { supervise as superviseServer } from '../runtime/supervise.ts';
