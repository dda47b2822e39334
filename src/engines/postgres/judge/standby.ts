import type { Observation } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import { factsOf } from '../kinds/kind.ts';
import type { Input } from '../compile/draft.ts';

/** Why a server that follows another one is not worked on; []: it follows nobody. */
export function judgeStandby(input: Input, { server }: Pick<Observation, 'server'>): readonly Diagnostic[] {
  return factsOf(server).standby ? [standby(input)] : [];
}

export function standby({ name, path }: Input): Diagnostic {
  return {
    code: 'CT2042',
    severity: 'error',
    message: `"${name}" is a standby: it only follows its primary, so nothing can be changed or verified on it`,
    hint: 'use the address of the primary in `url`',
    instance: name,
    path,
  };
}
