/** Redis 8 may be taken under the AGPL; Valkey is BSD. */
export const IMAGES = { valkey: 'valkey/valkey:9.1.2', redis: 'redis:8.0.6' } as const;
