import { z } from 'zod';
import { exitOfVerify } from '../app/exit-codes.ts';
import { Lease, readProof, saveProof } from '../app/proof-file.ts';
import type { Project } from '../app/types.ts';
import type { VerifyOutcome } from '../app/verify.ts';
import { verifyDocument } from '../report/documents/verify.ts';
import { verifyJson } from '../report/verify-json.ts';
import { jsonOrNull } from '../util/json.ts';

const kept = z.strictObject({ format: z.literal(1), at: z.iso.datetime(), verify: verifyDocument });

/** The last proof of all apps, whoever made it. */
export interface Proof {
  /** ISO time of its end. */
  readonly at: string;
  /** As `verify --json` prints it. */
  readonly text: string;
  readonly findings: readonly { readonly probe: string; readonly instance: string }[];
  readonly unreached: readonly string[];
}

/** Proofs outlive the service, and those of another one that serves the same manifest from the same folder are shown as well. */
export class Proofs implements Disposable {
  readonly #say: (text: string) => void;
  readonly #lease = new Lease();
  #last: Proof | null = null;
  #stamp = '';

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** null: there is none. */
  get last(): Proof | null {
    return this.#last;
  }

  /** True where this service is the one that proves by the clock. */
  async isMine(project: Project): Promise<boolean> {
    return await this.#lease.hold(project);
  }

  async keep(project: Project, outcome: VerifyOutcome): Promise<void> {
    const { report, unreached, tries, diagnostics } = outcome;
    const text = verifyJson({ report, unreached, tries, diagnostics, exitCode: exitOfVerify(outcome) });
    const at = new Date().toISOString();
    this.#last = { at, text, findings: report.findings, unreached };
    await saveProof(project, `${JSON.stringify({ format: 1, at, verify: JSON.parse(text) as unknown })}\n`).catch((error: unknown) =>
      this.#say(`the proof is not kept: ${error instanceof Error ? error.message : String(error)}`),
    );
  }

  /** What somebody else, or this service before, has kept. A file that cannot be read is none. */
  async look(project: Project): Promise<void> {
    const found = await readProof(project, this.#stamp);
    if (found === null) return;
    this.#stamp = found.stamp;
    const { success, data } = kept.safeParse(jsonOrNull(found.text));
    if (!success || (this.#last !== null && this.#last.at >= data.at)) return;
    const { findings, unreached } = data.verify;
    this.#last = { at: data.at, text: `${JSON.stringify(data.verify, null, 2)}\n`, findings, unreached };
  }

  [Symbol.dispose](): void {
    this.#lease[Symbol.dispose]();
  }
}
