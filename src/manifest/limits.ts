/** What a manifest may be at most. Far above any real one; there so that a hostile or broken file ends in an error and not in a hang. */
export const limits = {
  /** UTF-16 units of the file. */
  source: 4 * 1024 * 1024,
  /** Maps and lists inside each other. */
  depth: 64,
  /** Values, with everything that an alias points at counted again. */
  nodes: 1_000_000,
  /** Apps after `for` is expanded. */
  apps: 20_000,
  /** Characters of an app's, reader's, instance's or project's name. */
  name: 40,
} as const;
