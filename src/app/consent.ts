export * from '../report/consent.ts';
