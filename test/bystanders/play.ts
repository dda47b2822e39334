import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { applyFixes, fixPlan } from '../../src/app/fix.ts';
import { applyProject } from '../../src/app/apply.ts';
import { envOfApp } from '../../src/app/env.ts';
import { importServer } from '../../src/app/import.ts';
import { restoreApp } from '../../src/app/restore.ts';
import type { EventBody, Ending } from '../../src/app/types.ts';
import { verifyProject } from '../../src/app/verify.ts';
import { DiagnosticError, type StepResult } from '../../src/model/index.ts';
import { testProject, type TestProject } from '../support/project.ts';
import { appsOf, edited, valueAt } from './edit.ts';
import type { Case, Context, Document, Edit, Harm, HarmKind, Json, Move, Scene, Subject, Survey, Variables } from './frame.ts';
import { judge, lossesOf, namesIn, type Told } from './judge.ts';

/** What a move did to the server. `refused`: it was turned down before anything was sent. */
interface Done {
  readonly ending: Ending | 'refused' | 'no change' | 'crashed';
  readonly results: readonly StepResult[];
  readonly words: string;
}

export interface Played {
  readonly harms: readonly Harm[];
  /** One line a move: how it ended. */
  readonly log: readonly string[];
  /** Moves that sent something to the server. */
  readonly sent: number;
}

const QUIET: ReadonlySet<string> = new Set(['import', 'plan', 'verify', 'again']);
/** Endings after which a second apply has nothing to do. */
const WHOLE: ReadonlySet<string> = new Set(['done', 'nothing-to-do', 'waiting']);
const APPLIES: ReadonlySet<string> = new Set(['apply', 'yes', 'again']);
const nothing: Done = { ending: 'no change', results: [], words: '' };

/** Builds the world, goes through the story, and looks at every bystander before and after each move. */
export async function play<Piece>(subject: Subject<Piece>, { pieces, document, story }: Case<Piece>): Promise<Played> {
  await using scene = await subject.build(pieces);
  await using project = await testProject('', scene.env);
  const player = new Player(scene, project, document);
  for (const [index, move] of story.entries()) await player.move(move, index);
  return player;
}

class Player implements Played {
  readonly #scene: Scene;
  readonly #project: TestProject;
  readonly #variables = new Map<string, Variables>();
  readonly #settled = new Set<string>();
  /** What a retired app could do before it was taken out. */
  readonly #remembered = new Map<string, Survey>();
  /** What was applied, the last one last. */
  readonly #former: Document[] = [];
  /** Every app that was in a manifest, the first one first: `#0` in a story. */
  readonly #known: string[] = [];
  #document: Document;
  /** What an apply had nothing to do for, as long as nothing has happened since. */
  #idle: Document | null = null;
  #survey: Survey | null = null;
  #ended: Done['ending'] = 'no change';
  readonly harms: Harm[] = [];
  readonly log: string[] = [];
  sent = 0;

  constructor(scene: Scene, project: TestProject, document: Document) {
    [this.#scene, this.#project, this.#document] = [scene, project, document];
  }

  async move(move: Move, index: number): Promise<void> {
    const { verb } = move;
    const named = appsOf(this.#document);
    this.#document = edited(
      this.#document,
      (move.edits ?? []).map((edit) => this.#recalled(edit)),
    );
    // Whom an entry that was never applied named is nobody of the manifest again.
    if (named.some((app) => ![this.#document, ...this.#former].some((one) => appsOf(one).includes(app)))) this.#survey = null;
    // Whoever is named no more may as much as before: that it is more than the manifest says is nobody's doing on the server.
    if ((move.edits ?? []).some(({ path: [first] }) => first === 'known' || first === 'operators')) this.#survey = null;
    this.#known.push(...appsOf(this.#document).filter((app) => !this.#known.includes(app)));
    if (APPLIES.has(verb) && isDeepStrictEqual(this.#idle, this.#document)) return;
    this.#idle = null;
    await this.#write();
    if (verb === 'hand' && move.planted !== true) {
      // What it needs may not be there, where an apply was refused.
      const words = await this.#scene.hand(move.hand ?? '').then(
        () => 'done',
        (error: unknown) => `not done: ${String(error)}`,
      );
      this.#survey = null;
      this.#ended = 'no change';
      this.log.push(`hand: ${move.hand ?? ''} ${words}`);
      return;
    }
    if (verb === 'again' && !WHOLE.has(this.#ended)) return;
    const before = this.#survey ?? (await this.#look());
    await using held = await this.#scene.hold(this.#context());
    const mark = await this.#scene.mark?.();
    const done = await this.#do(move);
    const still = mark !== undefined && (await this.#scene.mark?.()) === mark;
    this.log.push(`${verb}: ${done.ending}${done.words === '' ? '' : ` (${done.words})`}`);
    const ended = await held.ended();
    const after = still ? before : await this.#look();
    // An import names logins, and so says anew whose things are whose.
    this.#survey = verb === 'import' ? null : after;
    const told = this.#told(move, index, done);
    this.harms.push(...judge(before, after, told), ...this.#trouble(move, index, done), ...this.#endedOnes(ended, told, done));
    if (APPLIES.has(verb) && WHOLE.has(done.ending) && done.results.length === 0) this.#idle = this.#document;
    if (done.results.length > 0) await this.#applyDone(move, index, done, before);
  }

  #told({ verb }: Move, move: number, { results }: Done): Told {
    const quiet = QUIET.has(verb) || verb === 'hand' || results.length === 0;
    // A fix changes nothing that an edit asks for: whoever it is about keeps all.
    const about = quiet || verb === 'fix' ? [] : this.#changed();
    const confirmed = results.flatMap(({ step }) => (step.confirm === undefined ? [] : [step.confirm]));
    return {
      move,
      verb,
      losses: lossesOf(results, verb !== 'yes'),
      about: new Set(about),
      deleted: new Set(confirmed),
      known: knownIn(this.#document),
    };
  }

  /** Apps that were applied once and are not in the manifest as they were, and those of a share that is not. */
  #changed(): readonly string[] {
    const last = new Map(this.#former.flatMap((document) => appsOf(document).map((app) => [app, entry(document, app)])));
    const apps = [...last].flatMap(([app, was]) => (isDeepStrictEqual(was, entry(this.#document, app)) ? [] : [app]));
    const shares = (this.#former.at(-1)?.['shares'] ?? []) as readonly { readonly to: string }[];
    const now = (this.#document['shares'] ?? []) as readonly Json[];
    return [...apps, ...shares.filter((one) => !now.some((other) => isDeepStrictEqual(one, other))).map(({ to }) => to)];
  }

  #trouble({ verb }: Move, move: number, done: Done): readonly Harm[] {
    const harm = (kind: HarmKind, after: string): Harm => ({ kind, what: 'cotenant', who: '', of: null, move, verb, before: '', after });
    if (done.ending === 'crashed') return [harm('crash', done.words)];
    if (done.ending === 'partly' || done.ending === 'failed') return [harm('unfinished', done.words)];
    if (verb === 'again' && done.results.length > 0) return [harm('not-silent', done.results.map(({ step }) => step.id).join('\n'))];
    return [];
  }

  #endedOnes(ended: readonly { readonly who: string; readonly of: string | null }[], told: Told, { results }: Done): readonly Harm[] {
    const { move, verb, about, losses } = told;
    // A fix names whom its finding is about: their sessions end with it.
    const named = ({ app, facts }: StepResult['step']): readonly unknown[] => (verb === 'fix' ? [facts['from'], facts['to']] : [app]);
    const tightened = new Set(results.filter(({ step }) => step.risk !== 'safe').flatMap(({ step }) => named(step)));
    return ended
      .filter(({ who, of }) => !losses.some((loss) => loss.who === who) && (of === null || !(about.has(of) || tightened.has(of))))
      .map(({ who, of }) => ({ kind: 'ended', what: `session of ${who}`, who, of, move, verb, before: 'open', after: 'ended' }));
  }

  /** After something was sent: new apps move in, and an app that came back must find what it had. */
  async #applyDone({ verb }: Move, index: number, { ending, results }: Done, before: Survey): Promise<void> {
    this.sent += 1;
    this.#ended = ending;
    if (verb !== 'apply' && verb !== 'yes') return;
    const [was, now] = [appsOf(this.#former.at(-1) ?? {}), appsOf(this.#document)];
    this.#former.push(this.#document);
    for (const app of was.filter((one) => !now.includes(one)))
      this.#remembered.set(app, new Map([...before].filter(([, { of }]) => of === app)));
    for (const { step } of results) if (step.confirm !== undefined) this.#remembered.delete(step.confirm);
    if (!WHOLE.has(ending)) return;
    await this.#newApps();
    for (const app of now) {
      const had = this.#remembered.get(app);
      if (!had) continue;
      this.#remembered.delete(app);
      // Its login may be another one now; its things are the same.
      const told: Told = { move: index, verb, losses: [], about: new Set(), deleted: new Set(), known: knownIn(this.#document) };
      const back = this.#survey ?? (await this.#look());
      this.harms.push(...judge(had, back, told).map((harm) => ({ ...harm, what: `after it came back: ${harm.what}` })));
    }
  }

  async #newApps(): Promise<void> {
    const project = await this.#project.open();
    for (const app of appsOf(this.#document)) {
      const variables = await envOfApp(project, app).catch(() => null);
      if (!variables) continue;
      const known = this.#variables.has(app);
      this.#variables.set(app, Object.fromEntries(variables.variables.map(({ name, value }) => [name, value])));
      if (!known) this.#survey = null;
      if (this.#settled.has(app) || this.#remembered.has(app)) continue;
      this.#settled.add(app);
      this.#survey = null;
      // The next apply has something to do: its tables.
      this.#ended = 'no change';
      await this.#scene.settle(app, this.#variables.get(app) ?? {}, this.#document);
    }
    for (const app of this.#variables.keys()) if (!appsOf(this.#document).includes(app)) this.#variables.delete(app);
  }

  #context(): Context {
    return { document: this.#document, former: this.#former, variables: this.#variables };
  }

  async #look(): Promise<Survey> {
    return await this.#scene.survey(this.#context());
  }

  /** `#3` is the fourth app that a manifest named. */
  #named(name: string): string {
    return (/^#\d+$/.test(name) ? this.#known[Number(name.slice(1)) % this.#known.length] : undefined) ?? name;
  }

  #recalled(drawn: Edit): Edit {
    const path = drawn.path.map((part) => this.#named(part));
    // Nobody of that number: nothing is edited.
    const edit = { ...drawn, path: path.some((part) => part.startsWith('#')) ? [] : path };
    if (edit.recall !== true) return edit;
    const value = this.#former
      .toReversed()
      .map((document) => valueAt(document, edit.path))
      .find((one) => one !== undefined);
    return value === undefined ? edit : { ...edit, value };
  }

  async #write(): Promise<void> {
    const own = valueAt(this.#document, ['instances', 'main']) ?? {};
    const instances = { main: { ...this.#scene.instance, ...(own as Document) } };
    await this.#project.write(JSON.stringify({ cotenant: 1, project: 'oracle', ...this.#document, instances }));
  }

  /** Does it, as a program that uses the library would. */
  async #do(move: Move): Promise<Done> {
    try {
      return await this.#run(move);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      const internal = error.diagnostics.some(({ code }) => code.startsWith('CT9'));
      return {
        ...nothing,
        ending: internal ? 'crashed' : 'refused',
        words: error.diagnostics.map(({ code, message }) => `${code} ${message}`).join('; '),
      };
    }
  }

  async #run({ verb, app, hand }: Move): Promise<Done> {
    if (verb === 'hand') return await this.#scene.hand(hand ?? '').then(() => nothing);
    if (verb === 'import') return await this.#import();
    if (verb === 'plan') return await this.#project.plan().then(({ plan }) => ({ ...nothing, words: `${plan.steps.length} steps` }));
    const project = await this.#project.open();
    if (verb === 'verify') return await verifyProject(project, { seed: 1 }).then(() => nothing);
    if (verb === 'fix') {
      const { report } = await verifyProject(project, { seed: 1 });
      const confirm = namesIn(fixPlan(project, report));
      return await outcomeOf(applyFixes(project, report, { ...consenting, confirm }));
    }
    if (verb === 'restore') return await outcomeOf(restoreApp(project, this.#named(app ?? ''), consenting));
    const confirm = verb === 'apply' ? namesIn((await this.#project.plan()).plan) : [];
    return await outcomeOf(applyProject(project, { ...consenting, confirm }));
  }

  async #import(): Promise<Done> {
    const { env, url } = this.#scene;
    const { yaml } = await importServer({ url, password: null, env, cwd: this.#project.path });
    const { cotenant: _version, project: _name, instances, ...document } = parse(yaml) as Record<string, Document>;
    const { engine: _engine, url: _url, password: _password, ...main } = (instances?.['main'] ?? {}) as Document;
    this.#document = { ...document, instances: { main } };
    this.#known.push(...appsOf(document).filter((app) => !this.#known.includes(app)));
    // They moved in long ago.
    for (const app of appsOf(document)) this.#settled.add(app);
    await this.#write();
    return { ...nothing, words: appsOf(document).join(', ') };
  }
}

const consenting = { lockTimeout: 60_000, consent: async (): Promise<boolean> => await Promise.resolve(true) } as const;

async function outcomeOf(events: AsyncIterable<EventBody>): Promise<Done> {
  const said: string[] = [];
  for await (const event of events) {
    if (event.type === 'diagnostic') said.push(`${event.diagnostic.code} ${event.diagnostic.message}`);
    if (event.type === 'step' && event.result.diagnostic) said.push(`${event.result.step.title}: ${event.result.diagnostic.message}`);
    if (event.type === 'planned')
      said.push(
        ...event.outcome.plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`),
      );
    if (event.type !== 'result') continue;
    const results = sentOf(event.results);
    const ending = results.length === 0 && event.ending === 'failed' ? 'refused' : event.ending;
    return { ending, results, words: said.join('; ') };
  }
  return nothing;
}

const sentOf = (results: readonly StepResult[]): readonly StepResult[] =>
  results.filter(({ status }) => status === 'done' || status === 'failed');

const entry = (document: Document, app: string): unknown => valueAt(document, ['apps', app]);

function knownIn(document: Document): ReadonlySet<string> {
  const all = (document['known'] ?? []) as readonly { readonly user: string }[];
  return new Set(all.map(({ user }) => user));
}
