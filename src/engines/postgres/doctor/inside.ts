import { common, type Examining } from '../../../engine/index.ts';
import type { Remedy } from '../../../model/index.ts';
import { bytes } from '../../../util/bytes.ts';
import { literal, qualified } from '../quote.ts';
import { own } from './checks.ts';
import { member, number, type Row, text } from './rows.ts';
import type { Whose } from './whose.ts';

/** Objects that one finding names. */
const SHOWN = 10;
const NEARLY_ALL = 0.95;

/** One object in a database, quoted, with what is known of it. */
interface Thing {
  readonly schema: string;
  readonly name: string;
  readonly facts: unknown;
}

const quoted = ({ schema, name }: Thing): string => qualified(schema, name);
const fact = ({ facts }: Thing, name: string): unknown => member(facts, name);
/** What a REINDEX CONCURRENTLY leaves where it is ended. */
const isRemainder = ({ name }: Thing): boolean => /_cc(new|old)\d*$/.test(name);

interface Kind {
  readonly check: string;
  readonly severity: 'warning' | 'info';
  /** `one index is invalid`, for so many. */
  readonly words: (n: number) => string;
  readonly detail: (thing: Thing) => string;
  readonly remedy: (thing: Thing) => Omit<Remedy, 'where'>;
}

const indexes = (n: number, verb: readonly [one: string, many: string]): string =>
  n === 1 ? `an index ${verb[0]}` : `${n} indexes ${verb[1]}`;
const tables = (n: number, verb: readonly [one: string, many: string]): string =>
  n === 1 ? `a table ${verb[0]}` : `${n} tables ${verb[1]}`;
const size = (thing: Thing): string => bytes(number(fact(thing, 'bytes')));
const drop = (thing: Thing): string => `DROP INDEX CONCURRENTLY ${quoted(thing)};`;

const KINDS: Readonly<Record<'invalid' | 'duplicate' | 'unused' | 'dead' | 'excepted', Kind>> = {
  invalid: {
    check: own.invalid,
    severity: 'warning',
    words: (n) => indexes(n, ['that is invalid', 'that are invalid']),
    detail: (thing) => `${quoted(thing)} of "${text(fact(thing, 'table'))}"`,
    remedy: (thing) =>
      isRemainder(thing)
        ? { say: 'drop the remainder', text: drop(thing) }
        : { say: 'make it again; nobody is kept from reading or writing', text: `REINDEX INDEX CONCURRENTLY ${quoted(thing)};` },
  },
  duplicate: {
    check: own.duplicate,
    severity: 'info',
    words: (n) => indexes(n, ['that is there twice', 'that are there twice']),
    detail: (thing) => `${quoted(thing)} is like "${text(fact(thing, 'like'))}" (${size(thing)})`,
    remedy: (thing) => ({ say: 'in a migration of the app', text: drop(thing) }),
  },
  unused: {
    check: own.unused,
    severity: 'info',
    words: (n) => indexes(n, ['that nobody has used', 'that nobody has used']),
    detail: (thing) => `${quoted(thing)} (${size(thing)})`,
    remedy: (thing) => ({ say: 'if no rare report needs it, in a migration of the app', text: drop(thing) }),
  },
  dead: {
    check: own.dead,
    severity: 'warning',
    words: (n) => tables(n, ['full of dead rows', 'full of dead rows']),
    detail: (thing) => {
      const [dead, live, last] = [number(fact(thing, 'dead')), number(fact(thing, 'live')), fact(thing, 'vacuumed')];
      const vacuumed = typeof last === 'string' ? `vacuumed on ${last.slice(0, 10)}` : 'never vacuumed';
      return `${quoted(thing)} (about ${dead} dead of ${dead + live}, ${vacuumed})`;
    },
    remedy: (thing) => ({ say: 'end what keeps them, then', text: `VACUUM (TRUNCATE false, SKIP_LOCKED) ${quoted(thing)};` }),
  },
  excepted: {
    check: own.autovacuum,
    severity: 'warning',
    words: (n) => tables(n, ['that autovacuum leaves out', 'that autovacuum leaves out']),
    detail: quoted,
    remedy: (thing) => ({ say: 'ask the app why; else', text: `ALTER TABLE ${quoted(thing)} RESET (autovacuum_enabled);` }),
  },
};

const isKind = (name: unknown): name is keyof typeof KINDS => typeof name === 'string' && Object.hasOwn(KINDS, name);

interface Place {
  readonly database: string;
  readonly whose: Whose;
  /** False where the counters have not run for long enough to say that nobody used something. */
  readonly counted: boolean;
}

/** One finding for each app and kind; what several apps share, or nobody has, is one more. */
export function examineInside(on: Examining, rows: readonly Row[], { database, whose, counted }: Place): void {
  for (const [kind, some] of Map.groupBy(rows, ([name]) => name)) {
    if (!isKind(kind) || (kind === 'unused' && !counted)) continue;
    const { check, severity, words, detail, remedy } = KINDS[kind];
    const things = some.map(([, facts]) => ({ schema: text(member(facts, 'schema')), name: text(member(facts, 'name')), facts }));
    for (const [app, mine] of Map.groupBy(things, ({ schema }) => whose.schema(database, schema))) {
      const shown = mine.slice(0, SHOWN);
      const more = mine.length - shown.length;
      const owner = app ?? `database "${database}"`;
      on.found(check, severity, {
        apps: app === null ? [] : [app],
        what: `${owner} has ${words(mine.length)}: ${shown.map(detail).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
        evidence: { database, count: mine.length, ...Object.fromEntries(shown.map((one, at) => [`object ${at + 1}`, quoted(one)])) },
        remedy: shown.map((one) => ({ where: `database ${database}`, ...remedy(one) })),
      });
    }
  }
}

/** Sequences near the end of what they, or their columns, hold. */
export function examineCounters(on: Examining, rows: readonly Row[], { database, whose }: Omit<Place, 'counted'>): void {
  for (const [space, name, last, end, table, column, type] of rows) {
    const schema = text(space);
    const app = whose.schema(database, schema);
    const filled = table === null ? '' : `, which fills "${text(table)}"."${text(column)}" (${text(type)}),`;
    const used = number(end) === 0 ? 1 : number(last) / number(end);
    const percent = `${Math.floor(100 * used)} %`;
    const where = `database ${database}`;
    const widen = {
      say: 'in a migration of the app, which writes the table anew and keeps everybody from it meanwhile: make the column a bigint',
    };
    on.found(common.counter, used >= NEARLY_ALL ? 'error' : 'warning', {
      apps: app === null ? [] : [app],
      what: `the sequence ${qualified(schema, text(name))} of ${app ?? `database "${database}"`}${filled} has come to ${number(last)} of ${number(end)} (${percent})`,
      evidence: { database, sequence: qualified(schema, text(name)), last: number(last), end: number(end), type: text(type) },
      remedy: [
        ...(type === 'bigint' || table === null ? [] : [widen]),
        {
          say: 'see where it stands',
          where,
          text: `SELECT last_value, max_value, data_type FROM pg_sequences WHERE schemaname = ${literal(schema)} AND sequencename = ${literal(text(name))};`,
        },
      ],
    });
  }
}
