import type { Fix } from '../../../model/index.ts';
import { LANE } from '../draft-steps.ts';

/** Statements that close a finding. What ends something of somebody needs its name repeated. */
export function fixes(texts: readonly string[], confirm?: string): readonly Fix[] {
  return texts.map((text) => ({ lane: LANE, statement: { text }, ...(confirm === undefined ? {} : { confirm }) }));
}
