/** Lines of pg_hba.conf that let somebody in. Only where this admin may read them, which few but superusers may. */
export const ADMISSIONS = `SELECT h.line_number, h.type, h.database, h.user_name, h.address, h.netmask, h.auth_method
  FROM pg_catalog.pg_hba_file_rules h WHERE h.error IS NULL AND h.auth_method <> 'reject' ORDER BY h.line_number`;

export type AdmissionRow = readonly [
  line: number,
  type: string,
  databases: readonly string[],
  users: readonly string[],
  address: string | null,
  netmask: string | null,
  method: string,
];
