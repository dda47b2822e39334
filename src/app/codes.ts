import { loadEngines } from '../engines/index.ts';
import type { ProbeInfo } from '../engine/index.ts';
import { coreCodes } from '../model/catalogue.ts';
import type { Codes } from '../model/index.ts';
import { byKey } from '../util/text-order.ts';

/** Every probe of the engines, by its id in upper case. */
export async function probesById(): Promise<ReadonlyMap<string, ProbeInfo>> {
  const all = await Promise.all((await loadEngines()).map(async (engine) => (await engine.probes?.()) ?? []));
  return new Map(all.flat().map((probe) => [probe.id.toUpperCase(), probe]));
}

/** Every code of a diagnostic, core's and those of the engines, in order. */
export async function diagnosticCodes(): Promise<Codes> {
  const engines = await Promise.all((await loadEngines()).map(async (engine) => await engine.codes?.()));
  return Object.fromEntries([coreCodes, ...engines].flatMap((codes) => Object.entries(codes ?? {})).sort(byKey));
}
