import type { SecretSource } from '../engine/index.ts';

/** The project's secrets, in one file that only its owner can read. */
export interface SecretStore extends SecretSource {
  /** Absolute path of the file. */
  readonly file: string;
  /** When the secret was made, or null. */
  madeAt(name: string): Date | null;
}
