import type { AttackPlan, Stuck } from '../../../engine/index.ts';
import type { Tenant } from './tenants.ts';
import type { VerifyContext } from './catalog-snapshot.ts';

/** Names of apps that one line shows. */
const SHOWN = 5;

/**
 * Adopted users keep their passwords, which only their apps know. The analysis judges them as all others; it stands alone only
 * where it was compared with an attack on the same server. null: it was not, or there is no such user.
 */
export function unknownPasswords({ session }: VerifyContext, all: readonly Tenant[], { pairs }: AttackPlan): Stuck | null {
  const isKnown = ({ secret }: Tenant): boolean => session.secrets.peek({ secret }) !== null;
  const attacking = all.filter(({ app }) => pairs.has(app));
  const users = attacking.filter((one) => !isKnown(one) && one.resource.spec.adopt).map(({ user }) => user);
  const [first] = users;
  if (first === undefined || !attacking.some(isKnown)) return null;
  const shown = users.length > SHOWN ? `${users.slice(0, SHOWN).join(', ')} and ${users.length - SHOWN} more` : users.join(', ');
  const app = attacking.find(({ user }) => user === first)?.app ?? first;
  const why = `Not attacked, judged by analysis only: password not known (${shown}); store it with cotenant credentials set ${app} --password-file FILE.`;
  return { accepted: true, why };
}
