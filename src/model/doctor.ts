import type { Severity } from './diagnostic.ts';

/** What is told of a check of `doctor`. */
export interface CheckText {
  /** Stable, as `CT-D101`. */
  readonly id: string;
  readonly title: string;
  /** The gravest that it says. */
  readonly severity: Severity;
  /** What it reads, and from where on that is a finding. */
  readonly looks: string;
  /** What it leads to. */
  readonly why: string;
  /** What ends it. */
  readonly remedy: string;
  /** What `--fix` sends. Left out: nothing, since somebody could lose something by it. */
  readonly fix?: string;
}

/** One way to end what a finding says. */
export interface Remedy {
  /** What to do, in words. */
  readonly say: string;
  /** Where the text is pasted: `a shell`, `database shop`. */
  readonly where?: string;
  /** A command or statement, whole and quoted. */
  readonly text?: string;
  /** Set where `--fix` sends it: the lane of the plan. */
  readonly lane?: string;
}

/** Something on a server that wants somebody's attention. */
export interface DoctorFinding {
  /** The check's. */
  readonly id: string;
  readonly severity: Severity;
  readonly instance: string;
  /** Apps and readers of which it speaks; none: the whole instance. */
  readonly apps: readonly string[];
  /** A sentence with names and figures. Never a secret, a row or the text of a query. */
  readonly what: string;
  /** The figures, by name. Seconds, bytes and rows are numbers. */
  readonly evidence: Readonly<Record<string, string | number>>;
  /** The best first. */
  readonly remedy: readonly Remedy[];
}

/** Checks that could not be made. */
export interface Blind {
  readonly instance: string;
  /** Their ids. */
  readonly checks: readonly string[];
  /** The part of the server, as `database shop`. Left out: the whole server. */
  readonly where?: string;
  readonly why: string;
}

export interface DoctorReport {
  readonly format: 1;
  /** ISO time of this machine when it began. It decides which versions are past their end. */
  readonly at: string;
  /** null: all apps. */
  readonly apps: readonly string[] | null;
  readonly instances: readonly {
    readonly name: string;
    readonly engine: string;
    readonly reached: boolean;
    /** Ids of the checks that were made, those that were lost in a part of the server among them. */
    readonly checks: readonly string[];
    /** Statements that were sent. */
    readonly statements: number;
  }[];
  /** The worst first. */
  readonly findings: readonly DoctorFinding[];
  readonly blind: readonly Blind[];
}
