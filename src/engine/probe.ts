import type { ProbeInfo } from './verify.ts';

type Words = Pick<ProbeInfo, 'title' | 'attack' | 'example' | 'why' | 'hardening'>;
type More = Partial<Pick<ProbeInfo, 'levels' | 'destructive'>>;

/** Makes the pages of an engine's catalogue. `prefix`: what their names begin with, `levels`: what they speak of unless they say so. */
export function probePages(prefix: string, levels: readonly string[]) {
  return (id: string, half: ProbeInfo['half'], verdict: ProbeInfo['verdict'], page: Words & More): ProbeInfo => ({
    id: `${prefix}-${id}`,
    half,
    verdict,
    levels,
    destructive: false,
    ...page,
  });
}
