import { carriers } from './carriers.ts';
import { grants } from './grants.ts';
import { halves, pairs } from './pairs.ts';
import { rests, serversOwn } from './rests.ts';
import { roleChanges } from './role-changes.ts';

/** Something that a person does to the server. It may give somebody something, or nothing. */
export interface Mutation {
  /** In words, as `grants: SELECT on m_t.orders to m_s_owner`. */
  readonly id: string;
  /** Where the statements run, as the operator. */
  readonly in: string;
  readonly sql: string;
  /** Its effects can be in every database. */
  readonly everywhere?: true;
  /** First major that has it. Default 14. */
  readonly since?: number;
}

/** Every mutation that the grammar gives: some thousands. */
export const mutations: readonly Mutation[] = [...grants, ...roleChanges, ...carriers];

/** What the first list had too little of: what rests on what, what the server came with, and two acts of which each is nothing. */
export const more: readonly Mutation[] = [...rests, ...serversOwn, ...pairs, ...halves];
