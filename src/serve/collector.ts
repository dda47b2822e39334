import { isDeepStrictEqual } from 'node:util';
import { backupStatus, type BackupsFound } from '../app/backup/status.ts';
import { doctorProject, type DoctorOutcome } from '../app/doctor/doctor.ts';
import { migrationStatus } from '../app/migrate/status.ts';
import { isReached, planOfSurveys, statusOfSurveys, survey, type Survey } from '../app/survey.ts';
import type { PlanOutcome, Project } from '../app/types.ts';
import type { MigrationReport, StatusReport } from '../model/index.ts';
import { Heard } from './heard.ts';
import { Pace } from './pace.ts';
import { Proofs } from './proofs.ts';
import { Slot, troubleOf } from './slot.ts';
import { Tally } from './tally.ts';
import { Watches } from './watches.ts';
import type { World } from './world.ts';

export interface CollectorOptions {
  /** Milliseconds between two looks at a server. */
  readonly interval: number;
  /** As for each pace. */
  readonly rest: number;
  readonly signal: AbortSignal;
  /** Tells whoever runs the service. No secret in it. */
  readonly say: (text: string) => void;
}

/** A whole look reads every database: one in so many intervals, where the engine tells between them how it is. */
const LOOK = 4;
const LONGEST = 60_000;
/** What is read less often still. */
const SELDOM = 20;
/** Milliseconds between two looks at the file of the manifest. */
const FILE = 2000;
const NO_BACKUPS: BackupsFound = { backups: null, rows: null, diagnostics: [] };

/** Asks the servers, each by itself, and keeps what they said. Everybody is answered from here. */
export class Collector {
  readonly world: World;
  readonly backups = new Slot<BackupsFound>();
  readonly migrations = new Slot<MigrationReport>();
  readonly doctor = new Slot<DoctorOutcome>();
  readonly proofs: Proofs;
  readonly tally = new Tally();
  readonly watches: Watches;
  readonly #options: CollectorOptions;
  readonly #surveys = new Map<string, Survey>();
  readonly #tried = new Set<string>();
  readonly #up = new Map<string, boolean>();
  readonly heard: Heard;
  /** By what they do; those of instances by `look NAME`. */
  readonly #paces = new Map<string, Pace>();
  #plan: { readonly of: object; readonly outcome: PlanOutcome } | null = null;
  #status: { readonly of: object; readonly saved: Slot<BackupsFound>['kept']; readonly report: Promise<StatusReport> } | null = null;
  /** Another one with each answer of a server. */
  #version: object = {};

  constructor(world: World, options: CollectorOptions) {
    this.world = world;
    this.#options = options;
    const { interval, rest, signal } = options;
    this.heard = new Heard(interval);
    this.proofs = new Proofs(options.say);
    this.watches = new Watches({
      interval,
      rest,
      signal,
      tally: this.tally,
      seen: (instance, isUp) => {
        if (this.#tell(instance, isUp)) this.#paces.get(`look ${instance}`)?.again();
      },
      failed: (instance, why) => options.say(`what apps use of ${instance} could not be read: ${why}`),
    });
    this.#reconcile();
    const seldom = interval * SELDOM;
    const round = <T>(query: string, slot: Slot<T>, work: (project: Project) => Promise<T>) =>
      new Pace({ every: seldom, rest, signal, round: async () => await this.#fill(query, slot, work) });
    this.#paces.set('backups', round('backups', this.backups, backupStatus));
    this.#paces.set('migrations', round('migrations', this.migrations, migrationStatus));
    this.#paces.set('doctor', round('doctor', this.doctor, doctorProject));
    this.#paces.set('proof', new Pace({ every: interval, rest, signal, round: async () => await this.#lookAtProof() }));
    this.#paces.set('manifest', new Pace({ every: FILE, rest, signal, round: async () => await this.#lookAtFile() }));
  }

  get project(): Project {
    return this.world.project;
  }

  /** Every instance was tried, and what it said can be shown. */
  get isReady(): boolean {
    return this.project.manifest.instances.every(({ name }) => this.#tried.has(name));
  }

  surveyOf(instance: string): Survey | null {
    return this.#surveys.get(instance) ?? null;
  }

  /** Whether it answered the last time; null: it was not asked yet. */
  isUp(instance: string): boolean | null {
    return this.#up.get(instance) ?? null;
  }

  /** ISO time of the oldest look; null: there was none. */
  get oldest(): string | null {
    return [...this.#surveys.values()].map(({ at }) => at).sort()[0] ?? null;
  }

  /** As `plan` shows it. */
  plan(): PlanOutcome {
    if (this.#plan?.of !== this.#version)
      this.#plan = { of: this.#version, outcome: planOfSurveys(this.project, [...this.#surveys.values()]) };
    return this.#plan.outcome;
  }

  /** As `status` shows it. */
  async status(): Promise<StatusReport> {
    const { kept } = this.backups;
    if (this.#status?.of !== this.#version || this.#status.saved !== kept) {
      const report = statusOfSurveys(this.project, [...this.#surveys.values()], kept?.value ?? NO_BACKUPS);
      this.#status = { of: this.#version, saved: kept, report };
    }
    return await this.#status.report;
  }

  /** Something was done: all is looked at again. */
  again(): void {
    for (const [name, pace] of this.#paces) if (name !== 'doctor' && name !== 'manifest') pace.again();
  }

  /** Resolves when nothing is under way. */
  async end(): Promise<void> {
    await Promise.all([this.watches.end(), ...[...this.#paces.values()].map((pace) => pace.end())]);
    this.proofs[Symbol.dispose]();
  }

  #reconcile(): void {
    const names = new Set(this.project.manifest.instances.map(({ name }) => name));
    for (const [name, pace] of this.#paces) {
      const instance = name.startsWith('look ') ? name.slice('look '.length) : null;
      if (instance === null || names.has(instance)) continue;
      this.#paces.delete(name);
      void pace.end();
    }
    for (const name of this.#surveys.keys()) if (!names.has(name)) this.#surveys.delete(name);
    for (const name of [...this.#tried, ...this.#up.keys()]) if (!names.has(name)) this.#forget(name);
    this.tally.keep(names);
    const { interval, rest, signal } = this.#options;
    for (const { name, engine } of this.project.manifest.instances) {
      // Of one that tells nothing in between, nothing else says that it is gone.
      const how = engine.usage ? { every: interval * LOOK } : { every: interval, longest: LONGEST };
      if (!this.#paces.has(`look ${name}`))
        this.#paces.set(`look ${name}`, new Pace({ ...how, rest, signal, round: async () => await this.#look(name) }));
    }
    this.watches.renew(this.project);
    this.#version = {};
  }

  async #look(name: string): Promise<boolean> {
    const { project } = this;
    const instance = project.manifest.instances.find((one) => one.name === name);
    if (!instance) return true;
    const done = this.tally.begin({ engine: instance.engine.id, instance: name, query: 'look' });
    try {
      await project.secrets.reload();
      const found = await survey(project, name);
      // Between question and answer there may have come another manifest.
      if (project !== this.project) return true;
      this.#surveys.set(name, found);
      this.#version = {};
      const isUp = isReached(found);
      this.#tell(name, isUp);
      return done(isUp);
    } catch (error) {
      return done(this.#failed(`${name} could not be looked at`, error));
    } finally {
      this.#tried.add(name);
    }
  }

  /** True where it is not as it was. */
  #tell(name: string, isUp: boolean): boolean {
    const before = this.#up.get(name) ?? null;
    this.heard.note(name);
    this.#up.set(name, isUp);
    if (isUp === before || (isUp && before === null)) return false;
    this.#options.say(isUp ? `${name} answers again` : `${name} does not answer`);
    return true;
  }

  #forget(name: string): void {
    this.#surveys.delete(name);
    this.#tried.delete(name);
    this.#up.delete(name);
    this.heard.forget(name);
  }

  async #fill<T>(query: string, slot: Slot<T>, work: (project: Project) => Promise<T>): Promise<boolean> {
    const { project } = this;
    const done = this.tally.begin({ engine: '', instance: '', query });
    try {
      const found = await work(project);
      if (project === this.project) slot.keep(found);
      return done(true);
    } catch (error) {
      if (!this.#options.signal.aborted) slot.fail(error);
      return done(this.#failed(`${query} could not be read`, error));
    }
  }

  /** Interrupted, nothing has failed. */
  #failed(what: string, error: unknown): false {
    if (this.#options.signal.aborted) return false;
    this.#options.say(`${what}: ${troubleOf(error)[0]?.message ?? ''}`);
    return false;
  }

  async #lookAtProof(): Promise<boolean> {
    try {
      await this.proofs.look(this.project);
      return true;
    } catch (error) {
      return this.#failed('the last proof could not be read', error);
    }
  }

  async #lookAtFile(): Promise<boolean> {
    try {
      const before = this.project.manifest.instances;
      const seen = await this.world.look();
      if (seen === 'broken') {
        const [first] = this.world.broken?.diagnostics ?? [];
        this.#options.say(`the manifest is broken, and the last good one goes on: ${first?.code ?? ''} ${first?.message ?? ''}`);
      }
      if (seen !== 'changed') return true;
      this.#options.say('the manifest has changed and was read again');
      for (const { name, engine, input } of before) {
        const now = this.project.manifest.instances.find((one) => one.name === name);
        if (now?.engine === engine && isDeepStrictEqual(now.input.config, input.config)) continue;
        // Another server goes by this name now: what the old one said is not of it.
        this.#forget(name);
      }
      this.#reconcile();
      for (const [name, pace] of this.#paces) if (name !== 'manifest') pace.again();
      return true;
    } catch (error) {
      return this.#failed('the manifest could not be read', error);
    }
  }
}
