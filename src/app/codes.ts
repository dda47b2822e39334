import { engineIds, loadEngine } from '../engines/index.ts';
import { coreCodes } from '../model/catalogue.ts';
import type { Codes } from '../model/index.ts';
import { byKey } from '../util/text-order.ts';

/** Every code of a diagnostic, core's and those of the engines, in order. */
export async function diagnosticCodes(): Promise<Codes> {
  const engines = await Promise.all(engineIds.map(async (id) => await (await loadEngine(id))?.codes?.()));
  return Object.fromEntries([coreCodes, ...engines].flatMap((codes) => Object.entries(codes ?? {})).sort(byKey));
}
