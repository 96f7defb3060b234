type Write = (facts: object, message: string) => void

/** The part of the app's logger that code without Fastify uses. */
export type Log = { readonly [level in 'debug' | 'info' | 'warn' | 'error']: Write }
