import { type Analysis, type Attempt, type AttackPlan, type Verifier, Findings } from '../../../engine/index.ts';
import { attack } from './attack.ts';
import { checkCommands } from './checks-commands.ts';
import { checkOperators } from './checks-operators.ts';
import { checkOthers } from './checks-others.ts';
import { checkPairs, checkPatterns } from './checks-pairs.ts';
import { checkServer, residualOf } from './checks-server.ts';
import { checkUsers } from './checks-users.ts';
import { probes } from './probes.ts';
import { isDeclared } from './tenants.ts';
import { readSnapshot, type VerifyContext } from './catalog-snapshot.ts';

/** The proof of one server. */
export class RedisVerifier implements Verifier {
  readonly apps: readonly string[];
  readonly #context: VerifyContext;

  constructor(context: VerifyContext) {
    this.#context = context;
    const { placements, readers } = context.input;
    const placed = new Set(placements.map(({ app }) => app));
    this.apps = [...placed, ...readers.filter(({ reads }) => reads.some((app) => placed.has(app))).map(({ name }) => name)];
  }

  async analyse(): Promise<Analysis> {
    await using connection = await this.#context.open();
    const snapshot = await readSnapshot(this.#context, connection);
    const findings = new Findings(probes, 'RD-', snapshot.input.name);
    checkServer(snapshot, findings);
    checkUsers(snapshot, findings);
    checkOperators(snapshot, findings);
    checkOthers(snapshot, findings);
    await checkPairs(snapshot, connection, findings);
    checkPatterns(snapshot, findings);
    await checkCommands(snapshot, connection, findings);
    const walled = snapshot.facts.databaseRules;
    const declared = snapshot.tenants.flatMap((from) =>
      snapshot.tenants.filter((to) => to !== from && to.site && isDeclared(from, to, walled)).map((to) => ({ from: from.app, to: to.app })),
    );
    return { findings: findings.all, declared, residual: residualOf(snapshot), analysed: findings.judged };
  }

  attack(plan: AttackPlan): AsyncIterable<Attempt> {
    return attack(this.#context, plan);
  }
}
