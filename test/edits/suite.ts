import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreApp } from '../../src/app/restore.ts';
import { type Diagnostic, DiagnosticError, type Plan } from '../../src/model/index.ts';
import { edited } from '../bystanders/edit.ts';
import type { Document } from '../bystanders/frame.ts';
import { randomOf } from '../support/random.ts';
import type { SubjectServer } from '../conformance/subject.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { isAskedFor } from '../support/roster.ts';
import { everyday, seed } from '../support/sample.ts';
import { isFull, thorough } from '../support/thorough.ts';
import type { Edits, Line, Story } from './frame.ts';
import { withEachKind } from './kinds.ts';

export interface EditsSubject {
  readonly engine: string;
  readonly version: string;
  /** null: this machine has none. */
  readonly start: (() => Promise<SubjectServer>) | null;
  readonly edits: Edits;
  run(server: SubjectServer, line: Line): Promise<void>;
  /** The part of a list that this version takes, in CI with more, so that it has each kind. Left out: one of `oneOf` day by day, all of it in CI. */
  part?<T>(list: readonly T[], oneOf: number): readonly T[];
}

/** An everyday run takes one part of the stories, others each day. */
const PARTS = 8;

/** Steps of the walk. */
const stepsOn = (version: string): number => (isFull(version, 'moments') ? 30 : thorough ? 12 : 6);

/**
 * Nobody touches the server here: whatever is edited, forwards and back, no step is anybody's drift, and once it is applied
 * there is nothing left to do.
 */
export function describeEdits(subject: EditsSubject): void {
  const title = subject.start ? subject.version : `${subject.version}: no server`;
  describe.skipIf(!subject.start || !isAskedFor(subject.version, process.env))(
    `edits of a manifest are nobody’s drift [${title}, SEED=${seed}]`,
    () => {
      let world: World;
      const held = new AsyncDisposableStack();
      beforeAll(async () => {
        world = held.use(await World.make(subject));
      }, 120_000);
      afterAll(async () => await held.disposeAsync());

      const { document, stories, restored } = subject.edits;
      const part = <T>(list: readonly T[], oneOf: number): readonly T[] =>
        subject.part?.(list, oneOf) ?? everyday(list, { oneOf, name: subject.version });
      const mine = part(stories, PARTS);
      it.each(thorough ? withEachKind(mine, stories, document) : mine)('$name, and back', async (one) => {
        await world.start(document);
        await world.edit(edited(document, one.edits), one);
        await world.edit(document, one);
      });

      it.each(part(restored, 2))('%s goes, is restored, and comes back', async (app) => {
        await world.start(document);
        await world.edit(edited(document, [{ path: ['apps', app] }]));
        await world.restore(app);
        // It goes again, and comes back while it is restored.
        await world.edit(edited(document, [{ path: ['apps', app] }]));
        await world.restore(app);
        await world.edit(document);
      });

      it('from nothing to all of it, and to nothing', async () => {
        await world.start(document);
        const nothing = edited(
          document,
          ['apps', 'readers', 'shares', 'operators', 'known'].map((key) => ({ path: [key] })),
        );
        await world.edit({ ...nothing, apps: {} });
        await world.edit(document);
      });

      it('one on top of the other', { timeout: 600_000 }, async () => {
        // On a server of its own: what the sample before it has left is another each day.
        await using own = await World.make(subject);
        const random = randomOf(seed);
        const on = new Set<Story>();
        for (let step = 0; step < stepsOn(subject.version); step += 1) {
          for (const one of random.some(stories, 2 / stories.length)) if (!on.delete(one)) on.add(one);
          const twice = [...on].some((one) => one.twice);
          const edits = [...on].flatMap((one) => one.edits);
          // What does not go together is no manifest.
          if (!(await own.takes(edited(document, edits)))) on.clear();
          else await own.edit(edited(document, edits), { name: 'some', edits, ...(twice ? { twice } : {}) });
        }
      });
    },
  );
}

class World implements AsyncDisposable {
  readonly #server: SubjectServer;
  readonly #project: TestProject;
  readonly #instance: Readonly<Record<string, unknown>>;
  #now: string;

  private constructor(server: SubjectServer, project: TestProject, instance: Readonly<Record<string, unknown>>, text: string) {
    this.#server = server;
    this.#project = project;
    this.#instance = instance;
    this.#now = text;
  }

  static async make({ start, engine, edits, run }: EditsSubject): Promise<World> {
    if (!start) throw new Error('this machine has no such server');
    const server = await start();
    for (const line of edits.before) await run(server, line);
    const instance = { engine, ...server.instance(server.port) };
    const text = textOf(edits.document, instance);
    const world = new World(server, await testProject(text, { ADMIN_PASSWORD: server.password }), instance, text);
    await world.#applied();
    for (const line of edits.seed) await run(server, line);
    await world.#applied();
    return world;
  }

  /** The manifest as a test wants to find it. What a test before left behind is not its affair. */
  async start(document: Document): Promise<void> {
    const text = textOf(document, this.#instance);
    if (this.#now === text) return;
    await this.#project.write(text);
    await this.#applied();
    this.#now = text;
  }

  async edit(document: Document, about?: Story): Promise<void> {
    const text = textOf(document, this.#instance);
    this.#now = '';
    await this.#project.write(text);
    const plan = await this.#applied();
    const drift = plan.steps.filter(({ cause }) => cause === 'drift').map(({ id, title }) => `${title} (${id})`);
    if (about?.silent) expect(plan.steps.map(({ id }) => id)).toEqual([]);
    if (about?.twice) await this.#applied();
    // Both are told, and the one that follows is the worse one.
    expect({ drift, left: await this.#pending() }).toEqual({ drift: [], left: [] });
    this.#now = text;
  }

  /** False where edits do not go together. Only after an app is restored its place is compared with the manifest's. */
  async takes(document: Document): Promise<boolean> {
    const text = textOf(document, this.#instance);
    await this.#project.write(text);
    try {
      const { plan } = await this.#project.plan();
      const errors = plan.diagnostics.filter(({ severity }) => severity === 'error');
      if (errors.some(({ code }) => code !== 'CT2007')) return false;
      if (errors.length === 0) return true;
      for (const app of comingBack(errors)) await this.restore(app);
      return (await this.#project.plan()).plan.diagnostics.every(({ severity }) => severity !== 'error');
    } catch (error) {
      if (error instanceof DiagnosticError) return false;
      throw error;
    }
  }

  async restore(app: string): Promise<void> {
    const endings: string[] = [];
    for await (const event of restoreApp(await this.#project.open(), app, { consent: () => Promise.resolve(true) }))
      if (event.type === 'result') endings.push(event.ending);
    expect(endings).toEqual(['done']);
  }

  /** Applies, and gives the plan that this was: no look at the server beside its own. An app that comes back is restored first. */
  async #applied(): Promise<Plan> {
    let applied = await this.#project.apply({ confirm: 'all' });
    const apps = comingBack(applied.outcome?.plan.diagnostics ?? []);
    for (const app of apps) await this.restore(app);
    if (apps.length > 0) applied = await this.#project.apply({ confirm: 'all' });
    const { ending, trouble, outcome } = applied;
    expect({ ending, trouble }).toEqual({ ending: expect.stringMatching(/^(done|nothing-to-do)$/) as unknown, trouble: '' });
    if (!outcome) throw new Error('an apply that is done had a plan');
    return outcome.plan;
  }

  async #pending(): Promise<readonly string[]> {
    const { plan } = await this.#project.plan();
    return plan.steps.map(({ id, cause }) => `${cause} ${id}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#project[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** The apps whose data lies where it was retired, as the diagnostic says. */
function comingBack(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.flatMap(({ code, path }) => (code === 'CT2007' ? [String(path?.[1])] : []));
}

/** What stands under `instances.main` of the document is added to how the server is reached. */
function textOf(document: Document, reached: Readonly<Record<string, unknown>>): string {
  const { instances, ...rest } = document;
  const more = (instances as { readonly main?: Readonly<Record<string, unknown>> } | undefined)?.main ?? {};
  return stringify({ cotenant: 1, project: 'edits', instances: { main: { ...reached, ...more } }, ...rest });
}
