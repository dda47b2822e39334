import type { Address } from './address.ts';
import type { Path } from './diagnostic.ts';

/** What the manifest asks for. `app` is null where the resource serves several apps or the whole instance. */
export interface Resource<Spec = unknown> {
  readonly address: Address;
  readonly app: string | null;
  readonly spec: Spec;
  /** Where in the manifest it comes from. */
  readonly path?: Path;
}

/** What the engine has. */
export interface Observed<Spec = unknown> {
  readonly address: Address;
  /** The app that it was made for, as the engine's own mark says; null for shared and foreign resources. */
  readonly app: string | null;
  readonly spec: Spec;
  /** True where the engine's own mark says that this project made or adopted it. */
  readonly owned: boolean;
  /** True for what stays although the manifest does not ask for it, as what is retired, and is as it should be. */
  readonly kept?: boolean;
}

/** One attribute that differs. Values are shown to people: never a secret. */
export interface FieldChange {
  readonly field: string;
  readonly from: string | number | boolean | null;
  readonly to: string | number | boolean | null;
  /** Of a list: what comes into it and what goes, which is what people are shown. */
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
}
