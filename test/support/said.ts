import type { FieldChange, Plan } from '../../src/model/index.ts';

/** What steps of a plan say twice, and losses of steps that take nothing: [] where each says what it changes, and no more. */
export function saidTwice({ steps }: Plan): readonly string[] {
  const said = steps.flatMap(({ address, fields }) =>
    fields.flatMap((one) => parts(one).map((part) => `${address.kind} ${address.name}: ${part}`)),
  );
  const harmless = steps.filter(({ risk, losses = [] }) => risk === 'safe' && losses.length > 0);
  return [...said.filter((one, at) => said.indexOf(one) !== at), ...harmless.map(({ id }) => `${id}: losses of a safe step`)];
}

function parts({ field, added = [], removed = [] }: FieldChange): readonly string[] {
  const moves = [...added.map((one) => `+ ${one}`), ...removed.map((one) => `- ${one}`)];
  return moves.length === 0 ? [field] : moves.map((move) => `${field} ${move}`);
}
