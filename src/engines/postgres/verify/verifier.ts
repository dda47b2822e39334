import type { Analysis, Attempt, AttackPlan, SessionContext, Verifier } from '../../../engine/index.ts';
import { DiagnosticError } from '../../../model/index.ts';
import { compile } from '../compile/compile.ts';
import type { Connection, Target } from '../connect/connection.ts';
import type { Input } from '../compile/draft.ts';
import { standby } from '../judge/standby.ts';
import type { ObserveContext } from '../observe/observe.ts';
import { analyse, isRead } from './analysis.ts';
import { readFollowers } from './read-followers.ts';
import { attack } from './attack/attack.ts';
import { readShared } from './catalog-shared.ts';
import { withProvenMarks } from './proven-marks.ts';
import { hasSecretOf } from '../observe/shared.ts';
import { stuckAccess } from './stuck-access.ts';
import { CatalogSnapshot } from './catalog-snapshot.ts';

/** What both halves work with. */
export interface VerifyContext {
  readonly input: Input;
  readonly session: SessionContext;
  /** Where the server is, and the admin's own login. Tenants use `host`, `port` and `ssl` of it. */
  readonly target: Target;
  /** The operator's connection to the database of the admin URL. */
  readonly shared: Connection;
  /** The operator's connection to a database. */
  readonly open: (database: string) => Promise<Connection>;
}

/** The proof of one server. */
export class PostgresVerifier implements Verifier {
  readonly apps: readonly string[];
  readonly #context: VerifyContext;
  /** Both halves speak of the same one. */
  #snapshot: Promise<CatalogSnapshot> | null = null;

  constructor(context: VerifyContext) {
    this.#context = context;
    compile(context.input);
    this.apps = [...context.input.placements.map((one) => one.app), ...context.input.readers.map((one) => one.name)];
  }

  async analyse(): Promise<Analysis> {
    this.#isPrimary();
    const snapshot = await this.#read();
    const first = await analyse(this.#context, snapshot);
    if (!first.findings.some(({ fix }) => fix.length > 0)) return first;
    // What a fix takes from somebody, others can lose with them.
    const { input, session, shared, open } = this.#context;
    const context: ObserveContext = { depth: 'whole', input, secrets: session.secrets, shared, open };
    const databases = snapshot.places.filter((place) => isRead(place)).map(({ database }) => database);
    snapshot.followers = await readFollowers(context, databases);
    return snapshot.followers === null ? first : await analyse(this.#context, snapshot);
  }

  async *attack(plan: AttackPlan): AsyncGenerator<Attempt> {
    this.#isPrimary();
    const { input, target, session, shared, open } = this.#context;
    const stuck = stuckAccess(await (this.#snapshot ?? this.#read()));
    yield* attack({ input, target, secrets: session.secrets, deadline: session.deadline, version: shared.version, open, stuck }, plan);
  }

  #read(): Promise<CatalogSnapshot> {
    const { input, shared, session } = this.#context;
    this.#snapshot = readShared(shared).then(
      (rows) => new CatalogSnapshot(input, withProvenMarks(rows, input, hasSecretOf(input, session.secrets))),
    );
    return this.#snapshot;
  }

  /** What is tried on a standby is refused because it is one. */
  #isPrimary(): void {
    if (this.#context.shared.standby) throw new DiagnosticError([standby(this.#context.input)]);
  }
}
