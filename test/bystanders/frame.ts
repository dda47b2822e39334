import type { Random } from '../support/random.ts';

/**
 * Something that a bystander does with its own login over a connection of its own, or that somebody's object is: a definition,
 * an owner, rows. Looked at before and after every move of a story.
 */
export interface Sight {
  /** The login that can do it or whose object it is, as the server calls it. */
  readonly who: string;
  /** The app of the manifest whose login, object or data it is; null: nobody's that the manifest names. */
  readonly of: string | null;
  /**
   * How a plan may say that it goes. One list is enough, and every word of it must stand in one `what` of a loss of `who`:
   * `[['connect', '"shop"'], ['"notes"']]`.
   */
  readonly said: readonly (readonly string[])[];
  readonly works: boolean;
  /** What came of it: rows, a definition, or the server's refusal. Two looks at a world that nobody touched give the same. */
  readonly answer: string;
  /** The app whose things it looks at. Where that is taken out of the manifest or renamed, there is nothing to look at. */
  readonly on?: string;
  /** The app whose data it is: it goes only where that app is deleted by name. */
  readonly ends?: string;
  /** Name of the sight without which this one cannot be, as a connection: its loss is told once. */
  readonly through?: string;
  /** True: it is looked at only while nobody of the manifest is `who`. Once somebody is, it is theirs to change. */
  readonly stranger?: boolean;
  /** True: it must be refused, before and after. A tenant that can do it afterwards has got more than the manifest says. */
  readonly forbidden?: boolean;
  /**
   * True: a plan that tells of it is enough, for a login under `known` too. A save writes a line as the server has it; rows of grants
   * of one user count for an app's session as well as for his.
   */
  readonly lenient?: boolean;
}

/** By a name that stays the same for the whole story: `backup reads "public"."notes" in "shop"`. */
export type Survey = ReadonlyMap<string, Sight>;

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A manifest without `cotenant` and `project`. What stands under `instances.main` is added to how the world is reached. */
export type Document = { readonly [key: string]: Json };

/**
 * One key of the document: set to `value`, or taken out where there is none. A new key goes where `place` says, last unless set.
 * `#3` in a path, or as a move's `app`, is the fourth app that a manifest of this story named: an import decides on names.
 */
export interface Edit {
  readonly path: readonly string[];
  readonly value?: Json;
  /** It gets the value that it had in a manifest that was applied before. */
  readonly recall?: true;
  readonly place?: 'first' | 'last';
}

/**
 * - `import` replaces the document by what `cotenant import` writes of the server; changes nothing on it
 * - `plan`, `verify` change nothing
 * - `apply` with the names of everybody that the plan would have confirmed; `yes`: without any, as `apply --yes`
 * - `again`: an apply that has nothing to do
 * - `fix`: `verify --fix` with every name
 * - `restore`: `restore-app` of `app`
 * - `hand`: the operator does something by hand, which `hand` names; `planted`: and the oracle must find it harmful
 */
export type Verb = 'import' | 'plan' | 'verify' | 'apply' | 'yes' | 'again' | 'fix' | 'restore' | 'hand';

export interface Move {
  readonly verb: Verb;
  readonly edits?: readonly Edit[];
  readonly app?: string;
  readonly hand?: string;
  readonly planted?: boolean;
}

/** A world and what happens in it, as plain data: whatever is left out of it still makes a case. */
export interface Case<Piece> {
  /** Strangers, hand-made apps, other projects. Built in this order. */
  readonly pieces: readonly Piece[];
  readonly document: Document;
  readonly story: readonly Move[];
}

/** How an app gets in: what `cotenant env` gives. Adopted apps have none, and keep the password that the world knows. */
export type Variables = Readonly<Record<string, string>>;

export interface Context {
  readonly document: Document;
  /** Manifests that were applied, the first one first: an app that was taken out is still cotenant's. */
  readonly former: readonly Document[];
  /** Apps of the manifest that cotenant has made a login for. */
  readonly variables: ReadonlyMap<string, Variables>;
}

/** Sessions that were open before a move. */
export interface Held extends AsyncDisposable {
  /** Those that are gone now. `who` and `of` as in a sight. */
  ended(): Promise<readonly { readonly who: string; readonly of: string | null }[]>;
}

/** A server with its bystanders on it. */
export interface Scene extends AsyncDisposable {
  /** `instances.main` of every manifest here. */
  readonly instance: { readonly [key: string]: Json };
  readonly env: Readonly<Record<string, string>>;
  /** For `import`; its password is used and never written. */
  readonly url: string;
  survey(context: Context): Promise<Survey>;
  /** Moves with whatever is changed on the server. Where it stood still, nobody is asked again. */
  mark?(): Promise<string>;
  hold(context: Context): Promise<Held>;
  /** An app that is new makes its tables and rows, with its own login. */
  settle(app: string, variables: Variables, document: Document): Promise<void>;
  /** Does what a move's `hand` names. */
  hand(what: string): Promise<void>;
  /** The world as somebody could make it by hand, for a report. */
  script(): string;
}

/** One engine in one version. */
export interface Subject<Piece> {
  /** As `postgres18`. */
  readonly name: string;
  draw(random: Random): Case<Piece>;
  build(pieces: readonly Piece[]): Promise<Scene>;
}

export type HarmKind =
  /** It worked and is refused. */
  | 'lost'
  /** It works and gives something else. */
  | 'changed'
  /** An object is not there any more. */
  | 'gone'
  /** It must be refused and works. */
  | 'gained'
  /** A session was ended. */
  | 'ended'
  /** A verb that changes nothing has changed something, or a second apply had something to do. */
  | 'not-silent'
  /** An apply that began did not come to its end. */
  | 'unfinished'
  /** cotenant itself broke. */
  | 'crash';

/** Something that the plan did not say. */
export interface Harm {
  readonly kind: HarmKind;
  /** Name of the sight, or what else it is about. */
  readonly what: string;
  readonly who: string;
  readonly of: string | null;
  /** Which move of the story, from 0, and its verb. */
  readonly move: number;
  readonly verb: Verb;
  readonly before: string;
  readonly after: string;
}

/** A fault that is known and open: harms that it explains do not count, and its own case must still do harm. */
export interface OpenFault<Piece> {
  /** As `F5`. */
  readonly cause: string;
  /** Who corrects it. */
  readonly owner: string;
  explains(harm: Harm): boolean;
  /** The smallest case. */
  readonly minimal: Case<Piece>;
}
