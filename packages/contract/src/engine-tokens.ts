import { z } from 'zod'

export const projectId = z
  .string()
  .regex(/^[\w-]{1,64}$/, '1 to 64 letters, digits, _ or -')
  .describe('The project that calls are made for.')

export const engineTokenBody = z.strictObject({
  projectId: projectId.default('local'),
  expiresInSeconds: z.int().min(60).max(3600).default(900),
})

export const engineToken = z.strictObject({
  token: z.string(),
  expiresAt: z.iso.datetime(),
  projectId,
})

export type EngineTokenBody = z.input<typeof engineTokenBody>
export type EngineToken = z.infer<typeof engineToken>
