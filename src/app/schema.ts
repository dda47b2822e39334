import { loadEngines } from '../engines/index.ts';
import { jsonSchema } from '../manifest/index.ts';

/** The JSON Schema of the manifest, with the part of every engine. */
export async function manifestSchema(): Promise<object> {
  return jsonSchema(await loadEngines());
}
