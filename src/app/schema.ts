import type { Engine } from '../engine/index.ts';
import { engineIds, loadEngine } from '../engines/index.ts';
import { jsonSchema } from '../manifest/index.ts';

/** The JSON Schema of the manifest, with the part of every engine. */
export async function manifestSchema(): Promise<object> {
  const engines = await Promise.all(engineIds.map((id) => loadEngine(id)));
  return jsonSchema(engines.filter((engine): engine is Engine => engine !== null));
}
