import type { Blind, DoctorFinding, Severity } from '../model/index.ts';

/** From where on something is a finding. Times are seconds, shares lie between 0 and 1. */
export interface DoctorLimits {
  /** How long somebody waits for what somebody else holds. */
  readonly wait: number;
  /** How long a transaction is open with nothing under way in it. */
  readonly idle: number;
  /** How long one statement is under way. */
  readonly query: number;
  /** How long a transaction is open. */
  readonly transaction: number;
  /** How long a prepared transaction waits for its end. */
  readonly prepared: number;
  /** Share of connections, or of memory, that are taken. */
  readonly full: number;
  /** How far the clock of the server is from that of this machine. */
  readonly skew: number;
  /** Days before the end of a version. */
  readonly notice: number;
  /** Share of the numbers of transactions that are used up. */
  readonly wraparound: number;
  /** Multiple of the age at which the server itself tidies up, that has passed all the same. */
  readonly behind: number;
  /** Bytes of the log that are kept for one reader of it. */
  readonly retained: number;
  /** Share of the values of a counter that are used up. */
  readonly counter: number;
  /** Dead rows of a table, and their share in it. */
  readonly deadRows: number;
  readonly deadShare: number;
  /** Days for which nobody has used an index, and its bytes. */
  readonly unused: number;
  readonly unusedBytes: number;
  /** Old versions of rows that the server still keeps. */
  readonly history: number;
}

export const usualLimits: DoctorLimits = {
  wait: 10,
  idle: 60,
  query: 300,
  transaction: 3600,
  prepared: 600,
  full: 0.8,
  skew: 5,
  notice: 90,
  wraparound: 0.25,
  behind: 1.5,
  retained: 2 ** 30,
  counter: 0.8,
  deadRows: 10_000,
  deadShare: 0.2,
  unused: 7,
  unusedBytes: 2 ** 20,
  history: 1_000_000,
};

/** A finding before core says on which instance. */
export type Found = Omit<DoctorFinding, 'instance'>;

export interface DoctorRequest {
  readonly limits: DoctorLimits;
  /** What lies in no place of these apps need not be looked into; null: all of them. */
  readonly apps: readonly string[] | null;
  /** Decides which versions are past their end. */
  readonly now: Date;
}

export interface Examination {
  readonly findings: readonly Found[];
  readonly blind: readonly Omit<Blind, 'instance'>[];
  /** Ids of the checks that were made. */
  readonly checks: readonly string[];
  /** Statements that were sent. */
  readonly statements: number;
}

/** The checks of one instance. Read-only, each statement with a time limit, no tenant's row and no tenant's code. */
export interface Doctor {
  examine(request: DoctorRequest): Promise<Examination>;
}

/** Gathers what an examination comes to. A statement that fails loses its own checks and nothing else. */
export class Examining {
  readonly findings: Found[] = [];
  readonly #blind: Omit<Blind, 'instance'>[] = [];
  readonly #checks = new Set<string>();
  readonly #isExpected: (error: unknown) => boolean;
  #statements = 0;

  /** `isExpected`: what a server or the way to it says. Anything else is a defect, and thrown on. */
  constructor(isExpected: (error: unknown) => boolean) {
    this.#isExpected = isExpected;
  }

  /** What one statement gives; null: these checks are lost, here or in that part of the server. */
  async ask<T>(checks: readonly string[], work: () => Promise<T>, where?: string): Promise<T | null> {
    this.#statements += 1;
    const answer = await this.enter(checks, work, where);
    if (answer !== null) this.made(checks);
    return answer;
  }

  /** The same for what comes before a statement, as another session. */
  async enter<T>(checks: readonly string[], work: () => Promise<T>, where?: string): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (!this.#isExpected(error)) throw error;
      this.lost(checks, error instanceof Error ? error.message : String(error), where);
      return null;
    }
  }

  made(checks: readonly string[]): void {
    for (const id of checks) this.#checks.add(id);
  }

  lost(checks: readonly string[], why: string, where?: string): void {
    if (where === undefined) for (const id of checks) this.#checks.delete(id);
    if (checks.length > 0) this.#blind.push({ checks, why, ...(where === undefined ? {} : { where }) });
  }

  found(id: string, severity: Severity, finding: Omit<Found, 'id' | 'severity'>): void {
    this.findings.push({ id, severity, ...finding });
  }

  end(): Examination {
    return { findings: this.findings, blind: this.#blind, checks: [...this.#checks].sort(), statements: this.#statements };
  }
}
