export * from '../model/exit-codes.ts';
