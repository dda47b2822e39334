import type { Attempt, Verifier } from '../engine/index.ts';
import { type Diagnostic, DiagnosticError, type Finding } from '../model/index.ts';

interface Gap {
  readonly code: string;
  readonly instance: string;
  readonly from?: string;
  readonly to?: string;
  readonly half?: 'analysis' | 'attack';
  readonly statement: string;
  readonly answer: string;
  readonly why: string;
}

/** Something that was not proved. As loud as a breach. */
export function unproven({ code, instance, from, to, half, statement, answer, why }: Gap): Finding {
  return {
    probe: code,
    verdict: 'UNPROVEN',
    half: half ?? 'attack',
    instance,
    from: from ?? null,
    to: to ?? null,
    statement,
    answer,
    why,
    fix: [],
  };
}

/** A half that ended before its end: its diagnostics as findings. Throws what is no expected trouble. */
export function brokenHalf(error: unknown, instance: string, half: 'analysis' | 'attack'): readonly Finding[] {
  return diagnosticsOf(error).map(({ code, message }) => {
    const statement = half === 'analysis' ? 'read the catalogs' : 'attack as every app';
    return unproven({ code, instance, half, statement, answer: message, why: 'this half of the proof was not completed' });
  });
}

export function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (error instanceof DiagnosticError) return error.diagnostics;
  throw error;
}

/** Apps of the manifest that nobody can attack from. */
export function absent(expected: readonly string[], apps: Verifier['apps'], instance: string): readonly Finding[] {
  return expected
    .filter((app) => !apps.includes(app))
    .map((app) =>
      unproven({
        code: 'CT6102',
        instance,
        from: app,
        to: app,
        statement: 'log in',
        answer: 'the instance has no login of this app',
        why: 'nothing was attempted as this app',
      }),
    );
}

/** Catalogs of which nothing was judged. */
export function unread(analysed: number, instance: string): readonly Finding[] {
  if (analysed > 0) return [];
  const why = 'holes that no attack tries were not looked for';
  return [unproven({ code: 'CT6104', instance, half: 'analysis', statement: 'read the catalogs', answer: 'no facts were judged', why })];
}

/** Attackers that tried nothing or never showed that they can do something, and planned pairs that nobody tried. */
export function untried(pairs: ReadonlyMap<string, readonly string[]>, attempts: readonly Attempt[], instance: string): readonly Finding[] {
  const byAttacker = Map.groupBy(attempts, (attempt) => attempt.from);
  return [...pairs].flatMap(([from, victims]): readonly Finding[] => {
    const own = byAttacker.get(from) ?? [];
    const controls = own.filter((one) => one.control || one.declared);
    // A control that failed is a finding already, and says more.
    if (controls.some((one) => one.control && one.outcome !== 'succeeded')) return [];
    if (!controls.some((one) => one.outcome === 'succeeded')) {
      const answer = own.length === 0 ? 'nothing was attempted' : 'no positive control succeeded';
      const why = 'a refusal proves something only if the same login was allowed to do something else';
      return [unproven({ code: 'CT6103', instance, from, to: from, statement: 'attack', answer, why })];
    }
    const reached = new Set(own.filter((one) => !one.control).map((one) => one.to));
    return victims
      .filter((to) => !reached.has(to))
      .map((to) =>
        unproven({
          code: 'CT6103',
          instance,
          from,
          to,
          statement: 'attack',
          answer: 'nothing was attempted',
          why: 'an attack on this pair was planned',
        }),
      );
  });
}
