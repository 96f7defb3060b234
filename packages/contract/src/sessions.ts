import { z } from 'zod'

export const loginBody = z.strictObject({ adminKey: z.string().min(1).max(256) })

/** A signed-in browser. Its cookie replaces the admin key. */
export const session = z.strictObject({
  id: z.string().describe('Identifies the session in the audit log. It grants no access.'),
  expiresAt: z.iso.datetime(),
})

/** Null for a caller that uses the admin key. */
export const sessionState = z.strictObject({ session: session.nullable() })

export type LoginBody = z.infer<typeof loginBody>
export type Session = z.infer<typeof session>
export type SessionState = z.infer<typeof sessionState>
