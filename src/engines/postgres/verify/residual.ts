import type { ProbeInfo } from '../../../engine/index.ts';
import type { Residual } from '../../../model/index.ts';
import { residualProbes } from './probes/residual.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/** What this server cannot close, for the levels that are in use on it. */
export function residualOf(snapshot: CatalogSnapshot): readonly Residual[] {
  const levels = new Set(snapshot.input.placements.map(({ placement }): string => placement.isolation));
  if (levels.size === 0) levels.add('database');
  const row = (probe: ProbeInfo): Residual => ({
    probe: probe.id,
    instance: snapshot.input.name,
    what: `${probe.title}: ${probe.why} ${probe.hardening}`,
  });
  const always = residualProbes.filter((probe) => probe.levels.some((level) => levels.has(level)));
  return always.map(row);
}
