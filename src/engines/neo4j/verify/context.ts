import type { Observation, SessionContext } from '../../../engine/index.ts';
import type { Input } from '../compile/draft.ts';
import type { Connection, Target } from '../connect/connection.ts';

/** What both halves work with. */
export interface VerifyContext {
  readonly input: Input;
  readonly session: SessionContext;
  /** Where the server is, and the admin's own login. Apps use the address of it. */
  readonly target: Target;
  /** The operator's. */
  readonly connection: Connection;
  readonly observe: () => Promise<Observation>;
}
