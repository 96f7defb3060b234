declare module 'vitest' {
  /** What the global setups provide. */
  interface ProvidedContext {
    /** What new databases are copied from, because creating one takes seconds. */
    template: { dataFolder: string } | { postgres: string; name: string }
    /** Folder of the built console. */
    consoleDir: string
  }
}

export {}
