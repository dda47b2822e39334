import type { Findings } from '../../../engine/index.ts';
import { factsOf } from '../observe/server.ts';
import { compile } from '../compile/compile.ts';
import { LANE } from '../steps/draft-steps.ts';
import { beyond } from '../steps/operator-steps.ts';
import { grantCommand, missingWords } from '../operators.ts';
import { isSeen, isWanted } from '../spec.ts';
import { commandText } from '../words.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/** An operator has what its words say, and no more. */
export function checkOperators({ input, observation }: CatalogSnapshot, findings: Findings): void {
  for (const one of compile(input).resources) {
    if (!isWanted(one, 'operator')) continue;
    const { name } = one.address;
    const seen = observation.resources.find((other) => isSeen(other, 'operator') && other.address.name === name);
    if (!seen || !isSeen(seen, 'operator') || name === factsOf(observation.server).user) continue;
    findings.judged += 1;
    const base = { from: name, to: null, statement: commandText('ACL', 'GETUSER', name) };
    for (const more of beyond(seen.spec, one.spec.may, observation)) findings.add('F2', { ...base, answer: more });
    const missing = missingWords(one.spec.may, seen.spec.grants, observation);
    if (missing.length === 0) continue;
    const fix = [{ lane: LANE, statement: grantCommand(name, missing, observation) }];
    findings.add('F2', {
      ...base,
      statement: `control: ${missing.join(', ')}`,
      answer: 'it has not got what the manifest says it may do',
      verdict: 'UNPROVEN',
      fix,
    });
  }
}
