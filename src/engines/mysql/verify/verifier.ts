import type { Analysis, Attempt, AttackPlan, SessionContext, Verifier } from '../../../engine/index.ts';
import type { Connection } from '../connect/connection.ts';
import type { Input } from '../compile/draft.ts';
import type { Target } from '../connect/target.ts';
import { analyse } from './analysis.ts';
import { attack } from './attack.ts';
import { type CatalogSnapshot, readSnapshot } from './catalog-snapshot.ts';

/** What both halves work with. */
export interface VerifyContext {
  readonly input: Input;
  readonly session: SessionContext;
  /** Where the server is, and the admin's own login. Tenants use `host`, `port` and `ssl` of it. */
  readonly target: Target;
  readonly connection: Connection;
}

/** The right password, which comes next, takes the count back, but not where the first wrong one was enough. */
function lockedOutBy({ server, accounts }: CatalogSnapshot['catalog']): ReadonlySet<string> | null {
  if (Number(server.variables.get('max_password_errors') ?? Infinity) < 2) return null;
  return new Set(accounts.flatMap(({ user, locksOut }) => (locksOut ? [user] : [])));
}

/** The proof of one server. */
export class MysqlVerifier implements Verifier {
  readonly apps: readonly string[];
  readonly #context: VerifyContext;

  constructor(context: VerifyContext) {
    this.#context = context;
    this.apps = [...context.input.placements.map((one) => one.app), ...context.input.readers.map((one) => one.name)];
  }

  analyse(): Promise<Analysis> {
    return analyse(this.#context.connection, this.#context.input, this.#context.session.secrets);
  }

  async *attack(plan: AttackPlan): AsyncGenerator<Attempt> {
    const { input, target, session, connection } = this.#context;
    const snapshot = await readSnapshot(connection, input, session.secrets);
    yield* attack(
      {
        input,
        target,
        secrets: session.secrets,
        deadline: session.deadline,
        facts: snapshot.facts,
        operator: { account: snapshot.catalog.server.admin, connection: connection.id },
        databases: new Set(snapshot.catalog.databases.map(({ name }) => name)),
        locksOut: lockedOutBy(snapshot.catalog),
      },
      plan,
    );
  }
}
