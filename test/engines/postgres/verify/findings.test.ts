import { describe, expect, it } from 'vitest';
import { dropInside, fixInside } from '../../../../src/engines/postgres/verify/findings.ts';

describe('what closes a finding', () => {
  it('needs the name of the database where it drops something for good, and nobody looks into its text for that', () => {
    expect(dropInside('shop', 'DROP VIEW v')).toEqual([{ lane: 'db:shop', statement: { text: 'DROP VIEW v' }, confirm: 'shop' }]);
    expect(fixInside('shop', 'DROP POLICY p ON t', 'REVOKE SELECT ON t FROM PUBLIC').map((one) => one.confirm)).toEqual([
      undefined,
      undefined,
    ]);
  });
});
