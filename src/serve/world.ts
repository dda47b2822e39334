import { stat } from 'node:fs/promises';
import { openProject } from '../app/project.ts';
import type { OpenOptions, Project } from '../app/types.ts';
import { type Diagnostic, DiagnosticError, fail } from '../model/index.ts';

/** The manifest is broken, and what was read before it was goes on. */
export interface Broken {
  /** ISO time at which that was seen. */
  readonly since: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** The manifest as it was when it could last be read. */
export class World {
  readonly #options: OpenOptions;
  #project: Project;
  #stamp: string;
  #broken: Broken | null = null;

  private constructor(options: OpenOptions, project: Project, stamp: string) {
    this.#options = options;
    this.#project = project;
    this.#stamp = stamp;
  }

  /** Throws a DiagnosticError where the manifest has errors. */
  static async open(options: OpenOptions): Promise<World> {
    const project = await openProject(options);
    return new World({ ...options, file: project.manifest.file }, project, await stampOf(project.manifest.file));
  }

  get project(): Project {
    return this.#project;
  }

  get broken(): Broken | null {
    return this.#broken;
  }

  /** Reads the manifest again where its file is another one. `changed`: there is another project; `broken`: there would be. */
  async look(): Promise<'same' | 'changed' | 'broken'> {
    const stamp = await stampOf(this.#project.manifest.file);
    if (stamp === this.#stamp) return 'same';
    this.#stamp = stamp;
    try {
      // Reading a pipe or a device may never end.
      if (stamp === NO_FILE) throw fail('CT1003', `The manifest ${this.#project.manifest.file} is no regular file.`);
      this.#project = await openProject(this.#options);
      this.#broken = null;
      return 'changed';
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      this.#broken = { since: new Date().toISOString(), diagnostics: error.diagnostics };
      return 'broken';
    }
  }

  /** As the manifest and the secret store are at this moment. Throws a DiagnosticError. */
  async fresh(signal: AbortSignal): Promise<Project> {
    return await openProject({ ...this.#options, signal });
  }
}

const NO_FILE = 'no file';

/** Changes with the content of a file, however an editor writes it. */
async function stampOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => null);
  if (found?.isFile() === false) return NO_FILE;
  return found === null ? 'none' : `${found.ino} ${found.mtimeNs} ${found.ctimeNs} ${found.size}`;
}
