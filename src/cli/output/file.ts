import { JsonOutput } from './json.ts';

/** One file on stdout in a form of its own, and nothing where the command fails; people read stderr. */
export class FileOutput extends JsonOutput {
  override ended(): void {}
  override failed(): void {}
}
