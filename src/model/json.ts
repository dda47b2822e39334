/** A value that survives JSON unchanged. Plans and specs hold nothing else. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
