/** Names one resource of one engine. `name` is unique within its kind; a part inside a database is `database/part`. */
export interface Address {
  readonly engine: string;
  readonly instance: string;
  readonly kind: string;
  readonly name: string;
}

/** The address as one string, unique over all instances: `<engine>/main/role/shop_user`. */
export function addressKey(address: Address): string {
  return `${address.engine}/${address.instance}/${address.kind}/${address.name}`;
}
