import type { StepIo } from '../../src/engine/index.ts';

/** Of a step that asks for nothing. */
export const noIo: StepIo = {
  signal: new AbortController().signal,
  progress: () => undefined,
  say: () => undefined,
  checkpoint: async () => Promise.resolve(),
  resume: null,
  read: () => {
    throw new Error('nothing to read');
  },
  write: () => {
    throw new Error('nowhere to write');
  },
};
