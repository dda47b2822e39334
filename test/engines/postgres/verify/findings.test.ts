import { describe, expect, it } from 'vitest';
import { fixInside, handOver } from '../../../../src/engines/postgres/verify/findings.ts';

describe('what closes a finding', () => {
  it('needs the name of the database where it drops something for good', () => {
    const [view, policy, revoke] = fixInside('shop', 'DROP VIEW v', 'DROP POLICY p ON t', 'REVOKE SELECT ON t FROM PUBLIC');
    expect(view).toEqual({ lane: 'db:shop', statement: { text: 'DROP VIEW v' }, confirm: 'shop' });
    expect([policy, revoke].map((one) => one?.confirm)).toEqual([undefined, undefined]);
  });

  it('gives nothing that a tenant made to the operator', () => {
    expect(handOver('ROUTINE', 'public.f()', '"shop_owner"')).toBe('ALTER ROUTINE public.f() OWNER TO "shop_owner"');
    expect(handOver('ROUTINE', 'public.f()', null)).toBe('DROP ROUTINE public.f()');
  });
});
