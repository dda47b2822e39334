import { describe, expect, it } from 'vitest';
import { cascades, isTable, lossesIn, runsTexts } from './losses.ts';

describe('losses in SQL', () => {
  it.each([
    ["UPDATE t SET sep = '--';\nDROP TABLE people;\nINSERT INTO log VALUES ('done')", ['table people']],
    ["UPDATE routes SET p = '/api/*';\nDROP TABLE people;\n/* done */", ['table people']],
    [String.raw`INSERT INTO t VALUES ('it\'s'); DROP TABLE people; INSERT INTO t VALUES ('x')`, ['table people']],
    [String.raw`INSERT INTO t VALUES ('C:\'); DROP TABLE people; INSERT INTO t VALUES ('x')`, ['table people']],
    ["-- it's gone\nDROP TABLE people", ['table people']],
    ['DO $$BEGIN DROP TABLE people; END$$', ['table people']],
    ["INSERT INTO t VALUES ($a$don't$a$); DROP TABLE people; INSERT INTO t VALUES ('x')", ['table people']],
    ["COMMENT ON COLUMN \"it's\".a IS 'x'; DROP DOMAIN d CASCADE", ['domain d']],
    ['DROP OWNED BY shop_owner', ['owned by shop_owner']],
    ["INSERT INTO t VALUES ('DROP TABLE people'); -- DROP TABLE people\n/* DROP TABLE people */ SELECT 1", []],
    ['ALTER TABLE docs DROP COLUMN version; DROP TABLE conversions', ['table conversions', 'column version of docs']],
  ])('%s', (sql, losses) => {
    expect(lossesIn(sql)).toEqual(losses);
  });

  it('a CASCADE behind a quote is seen, and one of a foreign key is none', () => {
    expect(cascades("UPDATE t SET sep = '--';\nDROP TABLE people CASCADE; SELECT 'x'")).toBe(true);
    expect(cascades('ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c ON DELETE CASCADE')).toBe(false);
  });

  it('a text that is put together is not known, and a trigger is', () => {
    expect(runsTexts("DO $$BEGIN EXECUTE 'DROP ' || 'TABLE people'; END$$")).toBe(true);
    expect(runsTexts('CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f(); GRANT EXECUTE ON FUNCTION f() TO b')).toBe(
      false,
    );
  });

  it('the ledger is a table of that very name', () => {
    expect(isTable('table shop."schema_migrations"', 'schema_migrations')).toBe(true);
    expect(isTable('rows of `version`', 'version')).toBe(true);
    expect(isTable('table schema_migrations_archive', 'schema_migrations')).toBe(false);
    expect(isTable('column version of docs', 'version')).toBe(false);
  });
});
