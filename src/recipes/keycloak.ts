import type { Recipe } from './recipe.ts';

export const keycloak: Recipe = {
  title: 'Keycloak',
  on: {
    postgres: {
      env: {
        KC_DB: { value: 'postgres' },
        KC_DB_URL_HOST: 'host',
        KC_DB_URL_PORT: 'port',
        KC_DB_URL_DATABASE: 'database',
        KC_DB_USERNAME: 'user',
        KC_DB_PASSWORD: 'password',
        KC_DB_SCHEMA: 'schema',
      },
    },
    mysql: {
      env: {
        KC_DB: { value: 'mysql' },
        KC_DB_URL_HOST: 'host',
        KC_DB_URL_PORT: 'port',
        KC_DB_URL_DATABASE: 'database',
        KC_DB_USERNAME: 'user',
        KC_DB_PASSWORD: 'password',
      },
    },
  },
  hints: ['On MariaDB set KC_DB to mariadb: env: { KC_DB: { value: mariadb } }.'],
  tried: [],
  untried: 'its server is a Java distribution that the tests do not install',
};
