import { z } from 'zod'

/** Scheme, host and port, as `new URL(…).origin` writes it: `http://ollama.lan:11434`. */
const origin = z
  .string()
  .max(300)
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text,
    'an http or https origin in lower case, without a path and without the default port, e.g. http://ollama.lan:11434',
  )

export const allowedOriginBody = z.strictObject({ origin })

/** An origin that connections may have although it is not at a public address. */
export const allowedOrigin = z.strictObject({
  origin: z.string().describe('Of the configuration also with `*` as its port.'),
  source: z.enum(['configuration', 'admin']),
  created: z.iso.datetime().nullable().describe('Null for one of the configuration.'),
})

export const allowedOriginList = z.strictObject({ data: z.array(allowedOrigin) })

export type AllowedOrigin = z.infer<typeof allowedOrigin>
export type AllowedOriginList = z.infer<typeof allowedOriginList>
export type AllowedOriginBody = z.infer<typeof allowedOriginBody>
