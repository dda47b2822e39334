/** What one way of running the apps takes. */
export interface Cost {
  /** Containers that run all the time. */
  readonly containers: number;
  /** Bytes. */
  readonly memory: number;
  /** Schedules of backups to set up and to watch. */
  readonly backups: number;
  /** A month, in whatever the price was given; null: none was. */
  readonly price: number | null;
}

/** One instance of the manifest, shared and as a server for each app. */
export interface EstimateRow {
  readonly instance: string;
  readonly engine: string;
  readonly apps: number;
  /** What all of them may open together; null: the server has no such limit. */
  readonly connections: number | null;
  readonly shared: { readonly servers: number; readonly memory: number };
  readonly isolated: { readonly servers: number; readonly memory: number };
}

/** A figure that nobody measured, and the option that changes it. */
export interface Assumption {
  readonly what: string;
  readonly value: string;
  readonly option: string;
}

export interface Estimate {
  readonly apps: number;
  readonly rows: readonly EstimateRow[];
  readonly shared: Cost;
  readonly isolated: Cost;
  readonly assumptions: readonly Assumption[];
}
