import { z } from 'zod'

/** Scheme, host and port, in the form of `new URL(…).origin`: `http://ollama.lan:11434`. */
const origin = z
  .string()
  .max(300)
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text,
    'an http or https origin in lower case, without a path and without the default port, e.g. http://ollama.lan:11434',
  )

export const allowedOriginBody = z.strictObject({ origin })

/** An origin that connections may use even if its address is private. */
export const allowedOrigin = z.strictObject({
  origin: z.string().describe('An origin from the configuration may have `*` as its port.'),
  source: z.enum(['configuration', 'admin']),
  created: z.iso.datetime().nullable().describe('Null for an origin from the configuration.'),
})

export const allowedOriginList = z.strictObject({ data: z.array(allowedOrigin) })

export type AllowedOrigin = z.infer<typeof allowedOrigin>
export type AllowedOriginList = z.infer<typeof allowedOriginList>
export type AllowedOriginBody = z.infer<typeof allowedOriginBody>
