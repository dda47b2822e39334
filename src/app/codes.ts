import { loadEngines } from '../engines/index.ts';
import { commonChecks, type ProbeInfo } from '../engine/index.ts';
import { coreCodes } from '../model/catalogue.ts';
import type { CheckText, Codes } from '../model/index.ts';
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

/** What is told of one check of `doctor`, with what each engine reads for it. */
export interface ExplainedCheck extends CheckText {
  readonly readBy: readonly { readonly engine: string; readonly what: string }[];
}

/** Every check of `doctor`, by its id. */
export async function checksById(): Promise<ReadonlyMap<string, ExplainedCheck>> {
  const engines = await loadEngines();
  const all = await Promise.all(engines.map(async (engine) => ({ title: engine.title, checks: (await engine.checks?.()) ?? [] })));
  const texts = new Map([...commonChecks, ...all.flatMap(({ checks }) => checks)].reverse().map((check) => [check.id, check]));
  const explained = [...texts.values()].map((check): ExplainedCheck => {
    const readBy = all.flatMap(({ title, checks }) =>
      checks.flatMap(({ id, looks }) => (id === check.id ? [{ engine: title, what: looks }] : [])),
    );
    return { ...check, readBy };
  });
  return new Map(explained.sort((a, b) => (a.id < b.id ? -1 : 1)).map((check) => [check.id, check]));
}
