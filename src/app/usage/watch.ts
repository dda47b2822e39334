import type { UsageWatch } from '../../engine/index.ts';
import type { InstanceDecl } from '../../manifest/index.ts';
import type { Usage, UsageDown } from '../../model/index.ts';
import { unlessAborted } from '../../util/abort.ts';
import { contextOf, DEADLINE, diagnosticsOf } from '../sessions.ts';
import type { Project } from '../types.ts';

/** One instance over time. One that is down is asked again in the next round, and holds up nobody. */
export class InstanceWatch implements AsyncDisposable {
  readonly instance: InstanceDecl;
  readonly #project: Project;
  readonly #deadline: number;
  #watch: UsageWatch | null = null;

  constructor(project: Project, instance: InstanceDecl, deadline: number = DEADLINE) {
    this.instance = instance;
    this.#project = project;
    this.#deadline = deadline;
  }

  /** One round. `sizes`: with sizes, which cost more. Rounds must not overlap. Throws at a defect, and where the project is interrupted. */
  async collect(sizes: boolean): Promise<Usage | UsageDown> {
    const { name, engine, input } = this.instance;
    try {
      const ability = await engine.usage?.();
      if (!ability) return this.#down([noUsage(this.instance)]);
      this.#watch ??= ability.watch(input, async () => await contextOf(this.#project, this.instance, this.#deadline));
      return await unlessAborted(this.#watch.collect({ sizes }), this.#project.signal);
    } catch (error) {
      if (this.#project.signal.aborted) throw error;
      return this.#down(diagnosticsOf(error).map((one) => this.#project.locate({ instance: name, ...one })));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch?.[Symbol.asyncDispose]();
    this.#watch = null;
  }

  #down(diagnostics: UsageDown['diagnostics']): UsageDown {
    return { instance: this.instance.name, engine: this.instance.engine.id, at: new Date().toISOString(), diagnostics };
  }
}

function noUsage({ name, engine }: InstanceDecl): UsageDown['diagnostics'][number] {
  return {
    code: 'CT4600',
    severity: 'warning',
    message: `${engine.title} does not tell yet what apps use: "${name}" is not watched`,
    instance: name,
  };
}

/** All instances of a project over time. */
export class ProjectWatch implements AsyncDisposable {
  readonly #watches: readonly InstanceWatch[];

  constructor(project: Project, deadline?: number) {
    this.#watches = project.manifest.instances.map((instance) => new InstanceWatch(project, instance, deadline));
  }

  /** One round over all of them at the same time. */
  async collect(sizes: boolean): Promise<readonly (Usage | UsageDown)[]> {
    return await Promise.all(this.#watches.map((watch) => watch.collect(sizes)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch[Symbol.asyncDispose]()));
  }
}
