/** Long-term support of each product. */
export const IMAGES = { mariadb: 'mariadb:11.8.9', mysql: 'mysql:9.7.4' } as const;
