import type { Who } from '../../../engine/index.ts';
import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { ownDatabaseNames, schemaNames, spacesOf } from '../compile/spaces.ts';
import { isKind } from '../spec.ts';

/** What belongs to whom, as the manifest has it. */
export class Whose {
  readonly #logins: ReadonlyMap<string, string>;
  readonly #databases: ReadonlyMap<string, string>;
  readonly #schemas: ReadonlyMap<string, string>;
  /** Databases that apps live in, each with those apps. */
  readonly places: ReadonlyMap<string, readonly string[]>;

  constructor(input: Input) {
    const { resources } = compile(input);
    this.#logins = new Map(resources.flatMap((one) => (isKind(one, 'role') && one.app !== null ? [[one.address.name, one.app]] : [])));
    const own = input.placements.filter(({ placement }) => placement.isolation === 'database');
    this.#databases = new Map(own.map(({ app, placement }) => [ownDatabaseNames(app, placement).database, app]));
    const spaces = spacesOf(input);
    this.#schemas = new Map(
      spaces.flatMap(({ database, apps }) =>
        apps.flatMap(({ app, placement }) =>
          placement.isolation === 'schema' ? [[`${database}/${schemaNames(app, placement).schema}`, app] as const] : [],
        ),
      ),
    );
    this.places = new Map<string, readonly string[]>([
      ...[...this.#databases].map(([database, app]) => [database, [app]] as const),
      ...spaces.map(({ database, apps }) => [database, apps.map(({ app }) => app)] as const),
    ]);
  }

  login(name: string | null): Who {
    const app = name === null ? undefined : this.#logins.get(name);
    return app === undefined ? { app: null, words: name === null ? 'the server itself' : `login "${name}"` } : { app, words: app };
  }

  /** Those of one app or reader; null: of all. */
  loginsOf(app: string | null): readonly string[] {
    return [...this.#logins].flatMap(([login, owner]) => (app === null || owner === app ? [login] : []));
  }

  database(name: string | null): string | null {
    return name === null ? null : (this.#databases.get(name) ?? null);
  }

  /** The app to which a schema belongs; null: several share it, or nobody. */
  schema(database: string, schema: string): string | null {
    return this.#databases.get(database) ?? this.#schemas.get(`${database}/${schema}`) ?? null;
  }
}
