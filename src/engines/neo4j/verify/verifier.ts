import { type Analysis, type Attempt, type AttackPlan, Findings, type Verifier } from '../../../engine/index.ts';
import { settingsOf } from '../observe/server.ts';
import { attack } from './attack.ts';
import { check, residualOf, SETTINGS } from './checks.ts';
import type { VerifyContext } from './context.ts';
import { probes } from './probes.ts';

/** The proof of one server. */
export class Neo4jVerifier implements Verifier {
  readonly apps: readonly string[];
  readonly #context: VerifyContext;

  constructor(context: VerifyContext) {
    this.#context = context;
    this.apps = context.input.placements.map(({ app }) => app);
  }

  async analyse(): Promise<Analysis> {
    const { input, connection } = this.#context;
    const observation = await this.#context.observe();
    const settings = await settingsOf(connection, Object.values(SETTINGS));
    const rows = await connection.run({ text: 'SHOW PROCEDURES YIELD name RETURN name' });
    const findings = new Findings(probes, 'NE-', input.name);
    check({ input, observation, settings, procedures: rows.map(({ name }) => String(name)) }, findings);
    return { findings: findings.all, declared: [], residual: residualOf(input), analysed: findings.judged };
  }

  attack(plan: AttackPlan): AsyncIterable<Attempt> {
    return attack(this.#context, plan);
  }
}
