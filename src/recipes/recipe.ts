/** A text that stands for itself, or words of the app as under `env` in the manifest. */
type Value = string | { readonly value: string };

/** What a real application needs on servers of one engine. */
export interface RecipePart {
  /** Fields of its placement, unless the manifest says otherwise; lists are put together with those of the manifest. */
  readonly placement?: Readonly<Record<string, unknown>>;
  /** The same at one level only. */
  readonly levels?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Levels at which it does not do all that it should, by their names. */
  readonly halfAt?: Readonly<Record<string, { readonly what: string; readonly instead: string }>>;
  /** Variables by the names that it reads. What refers to something that its level does not have is left out. */
  readonly env?: Readonly<Record<string, Value>>;
}

/** A real application: data, and nothing else. */
export interface Recipe {
  /** As its people call it. */
  readonly title: string;
  /** By engine. */
  readonly on: Readonly<Record<string, RecipePart>>;
  /** What has to be said in its own configuration, or known before it is chosen. */
  readonly hints: readonly string[];
  /** Names of the clients of docs/clients.md that stand for it; none: no test runs it. */
  readonly tried: readonly string[];
  /** Why no test runs it. */
  readonly untried?: string;
}
