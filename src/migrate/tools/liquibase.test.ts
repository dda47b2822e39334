import { expect, it } from 'vitest';
import { liquibase } from './liquibase.ts';

it.each([
  [{}, ['databasechangelog', 'databasechangeloglock', 'DATABASECHANGELOG', 'DATABASECHANGELOGLOCK']],
  [{ table: 'DATABASECHANGELOG' }, ['DATABASECHANGELOG', 'DATABASECHANGELOGLOCK']],
  [{ table: 'steps' }, ['steps', 'stepslock', 'STEPS', 'STEPSLOCK']],
])('a ledger that the manifest calls %j has its lock beside it, in the same letters', (ledger, tables) => {
  expect(liquibase.wishes({ app: 'shop', directory: '/x', ledger }).map(({ table }) => table)).toEqual(tables);
});
