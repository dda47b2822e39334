import { roster as postgres } from '../engines/postgres/harness.ts';
import { roster as mysql } from '../engines/mysql/harness.ts';
import { roster as redis } from '../engines/redis/harness.ts';
import { roster as neo4j } from '../engines/neo4j/harness.ts';
import type { Machine } from '../../src/engine/local.ts';
import type { Entry } from './roster.ts';

/** Where things are kept between runs, and what the run was told. */
export interface Places {
  readonly cache: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Says for each version of an engine that its suites know how this machine gets a server. */
export type Roster = (machine: Machine, places: Places) => readonly Entry[];

/** One line an engine. */
export const harnesses: readonly Roster[] = [postgres, mysql, redis, neo4j];
