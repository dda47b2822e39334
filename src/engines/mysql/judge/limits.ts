import type { Observation } from '../../../engine/index.ts';
import { compile } from '../compile/compile.ts';
import type { Draft, Input } from '../compile/draft.ts';
import { keepingLimits } from '../kinds/account.ts';
import { sessionsOf } from '../observe/session-account.ts';
import { isKind } from '../spec.ts';

/** Limits of sessions that adopted accounts have, and that nothing in the manifest changes. */
export function keptLimits(input: Input, observation: Observation): ReadonlyMap<string, number> {
  const desired = new Map(compile(input).resources.map((one) => [one.address.name, one]));
  return new Map(
    observation.resources.flatMap((has): readonly (readonly [string, number])[] => {
      const want = isKind(has, 'account') ? desired.get(has.address.name) : undefined;
      if (!want || !isKind(want, 'account') || !isKind(has, 'account') || want.spec.usual === undefined) return [];
      return [[has.address.name, keepingLimits(want.spec, has.spec).maxUserConnections]];
    }),
  );
}

/** An account without a limit that has more sessions open than an entry that gives none would leave it. */
export function judgeLimits(draft: Draft, observation: Observation): void {
  const found = new Map(observation.resources.flatMap((one) => (isKind(one, 'account') ? [[one.address.name, one.spec] as const] : [])));
  for (const one of compile(draft.input).resources) {
    if (!isKind(one, 'account') || !one.spec.usual?.includes('maxUserConnections')) continue;
    const { maxUserConnections: limit } = one.spec;
    const [sessions, has] = [sessionsOf(observation, one.spec), found.get(one.address.name)];
    if (has?.maxUserConnections !== 0 || has.locked || sessions <= limit) continue;
    draft.error(
      'CT2070',
      `login "${one.address.name}" has ${sessions} sessions open and no limit, and would get ${limit}`,
      [...(one.path ?? draft.input.path), 'connections'],
      `set connections to what it needs, at least ${sessions}`,
    );
  }
}
