import { z } from 'zod'

export const loginBody = z.strictObject({ adminKey: z.string().min(1).max(256) })

/** A browser that is signed in; its cookie stands for the admin key. */
export const session = z.strictObject({
  id: z.string().describe('Names the session in the audit; it opens nothing.'),
  expiresAt: z.iso.datetime(),
})

/** Null for a caller that sends the admin key itself. */
export const sessionState = z.strictObject({ session: session.nullable() })

export type LoginBody = z.infer<typeof loginBody>
export type Session = z.infer<typeof session>
export type SessionState = z.infer<typeof sessionState>
