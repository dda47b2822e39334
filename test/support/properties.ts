import fc from 'fast-check';
import { seed } from './sample.ts';

// Draws begin where the run's samples do, so that the same SEED= finds the same again.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });

export { fc };
