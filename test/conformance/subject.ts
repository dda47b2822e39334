/** What an app's `env --reveal` holds. */
export type Variables = Readonly<Record<string, string>>;

/** A fresh server of one engine, with what the suite has to do on it by hand. */
export interface SubjectServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** The admin's. */
  readonly password: string;
  /** What stands under `instances.main`, besides `engine`, for a server on this port whose admin password is in ADMIN_PASSWORD. */
  instance(port: number): Readonly<Record<string, unknown>>;
  /** A mark that moves with everything that changes on the server, and with nothing else. */
  mark(): Promise<string>;
  /** Changes something of the app by hand that a plan has to show as drift. */
  drift(app: string): Promise<void>;
  /** Opens a wall by hand: afterwards `from` reaches what is of `to`. */
  breach(from: string, to: string): Promise<void>;
  /** Keeps a text among the app's data, with the app's own credentials. Throws where they are refused. */
  put(variables: Variables, text: string): Promise<void>;
  /** The text that was kept; null: none. Throws where the credentials are refused. */
  get(variables: Variables): Promise<string | null>;
  /** Sets up an app by hand, as people do without cotenant. Gives a URL for `import`, without a password. */
  handMade?(): Promise<string>;
  stop(): Promise<void>;
  /** Ends it as a crash would, and starts it again on the same port. */
  crash(): Promise<void>;
}

/** One version of an engine. */
export interface Subject {
  /** As the manifest names it. */
  readonly engine: string;
  /** As ENGINES names it. */
  readonly version: string;
  /** The server holds one app: what is about two of them is left out. */
  readonly alone?: true;
  /** null: this machine has none. */
  readonly start: (() => Promise<SubjectServer>) | null;
  /** What stands under `uses.main` of each of the two apps. Default: `{}`. */
  readonly placement?: Readonly<Record<string, unknown>>;
  /** Placements that the block about removals is run with, by level. Default: `placement` alone. */
  readonly levels?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
