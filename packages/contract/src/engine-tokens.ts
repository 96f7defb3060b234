import { z } from 'zod'
import { projectId } from './projects.ts'

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
