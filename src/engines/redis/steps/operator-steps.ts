import { type Change, field, movedField, type StepDraft } from '../../../engine/index.ts';
import { appOfMark, principalsOf } from '../observe/holders.ts';
import { factsOf } from '../observe/server.ts';
import type { Diagnostic } from '../../../model/index.ts';
import { compile } from '../compile/compile.ts';
import { type Context, step } from './draft-steps.ts';
import { unsavedStatement } from '../marks/ledger.ts';
import { lossesBetween } from '../losses.ts';
import { grantCommand, missingWords, operatorGrant, type OperatorWord } from '../operators.ts';
import { isSeen, isWanted, type OperatorSeen } from '../spec.ts';

/** Grants an operator what its words stand for and it has not got. Nothing of it is ever taken. */
export function operatorStep({ desired, observed }: Change, context: Context): readonly StepDraft[] {
  if (!desired || !observed || !isWanted(desired, 'operator') || !isSeen(observed, 'operator')) return [];
  const { name } = desired.address;
  const words = missingWords(desired.spec.may, observed.spec.grants, context.observation);
  return [
    step({
      address: desired.address,
      app: null,
      part: 'operator',
      action: 'update',
      title: 'grant operator its privileges',
      facts: { user: name },
      fields: [movedField(field('may', null, words.join(', ')), words, [])],
      commands: [unsavedStatement(context.input.project), grantCommand(name, words, context.observation)],
      risk: 'safe',
    }),
  ];
}

/** Operators without a login, and with more than their words. */
export function operatorTrouble({ input, observation }: Context): readonly Diagnostic[] {
  const seen = new Map(observation.resources.flatMap((one) => (isSeen(one, 'operator') ? [[one.address.name, one.spec] as const] : [])));
  return compile(input).resources.flatMap((one): Diagnostic[] => {
    const { name } = one.address;
    if (!isWanted(one, 'operator') || name === factsOf(observation.server).user) return [];
    const base = { severity: 'warning', instance: input.name, ...(one.path ? { path: one.path } : {}) } as const;
    const spec = seen.get(name);
    if (!spec) {
      const message = `the operator "${name}" does not exist on "${input.name}", so nothing is granted`;
      return [{ ...base, code: 'CT2060', message, hint: `ACL SETUSER ${name} on >PASSWORD, then ACL SAVE` }];
    }
    const theirs = tenantCalled(name, observation);
    if (theirs !== null) {
      const message = `the operator "${name}" of "${input.name}" is the login of ${theirs}: an app is granted nothing of what an operator may do`;
      return [{ ...base, severity: 'error', code: 'CT2006', message, hint: 'create a user of its own for the operator' }];
    }
    const more = beyond(spec, one.spec.may, observation);
    if (more.length === 0) return [];
    const message = `the operator "${name}" of "${input.name}" has more privileges than "${one.spec.may.join(', ')}": ${more.join('; ')}`;
    return [{ ...base, code: 'CT2061', message, hint: 'it is not revoked: add a word to `may`, or revoke it by hand' }];
  });
}

/** Whose user it is, by its mark; null: no app's. */
function tenantCalled(user: string, observation: Context['observation']): string | null {
  const mark = principalsOf(observation).find(({ name }) => name === user)?.mark;
  return mark ? appOfMark(mark) : null;
}

/** What an operator may beyond its words. */
export function beyond(seen: OperatorSeen, may: readonly OperatorWord[], observation: Context['observation']): readonly string[] {
  if (!seen.enabled) return [];
  const words: readonly OperatorWord[] = ['connect', ...may];
  const nobody = seen.noPassword ? ['connect without a password'] : [];
  return [
    ...nobody,
    ...lossesBetween(
      seen.grants,
      words.map((word) => operatorGrant(word, observation)),
    ),
  ];
}
