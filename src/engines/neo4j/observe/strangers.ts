import { type Input, userOf } from '../compile/draft.ts';

/** Users that the manifest names nowhere. */
export function strangersOf(input: Input, users: readonly string[]): readonly string[] {
  const named = new Set([
    ...input.placements.map(userOf),
    ...input.operators.map(({ name }) => name),
    ...input.known.map(({ user }) => user),
  ]);
  return users.filter((user) => !named.has(user));
}
