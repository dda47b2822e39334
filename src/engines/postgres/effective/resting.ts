/** group, member, admin, inherit, set, grantor, and whatever more is known of it. */
type Row = readonly [group: string, member: string, admin: boolean, inherit: boolean, set: boolean, grantor: string, ...more: unknown[]];

/**
 * Memberships that rest on some that go: from 16 on one ends with the right of whoever gave it. `option`: only the right to
 * give it goes. Left out are those whom another membership keeps in the group.
 */
export function restingOn<T extends Row>(members: readonly T[], going: readonly T[], option = false): readonly T[] {
  let left = option ? members : members.filter((row) => !going.includes(row));
  const gone: T[] = [];
  const follow = (rows: readonly T[], kept: readonly T[]): void => {
    for (const [group, name] of rows) {
      if (left.some((row) => row[0] === group && row[1] === name && row[2] && !kept.includes(row))) continue;
      const more = left.filter((row) => row[0] === group && row[5] === name);
      left = left.filter((row) => !more.includes(row));
      gone.push(...more);
      follow(more, []);
    }
  };
  follow(going, option ? going : []);
  return gone.filter(([group, member]) => !left.some((row) => row[0] === group && row[1] === member));
}
