import { z } from 'zod'

/** One change that an admin made. */
export const auditEntry = z.strictObject({
  id: z.string(),
  at: z.iso.datetime(),
  who: z
    .string()
    .describe('`admin key`, `session <id>`, or `program` for a change that the server made automatically.'),
  action: z.string().describe('Subject and verb, e.g. `connection.update`.'),
  target: z.string().describe('Id or slug of the changed object.'),
  before: z.json().describe('Null if it did not exist. Never contains secrets.'),
  after: z.json(),
  requestId: z.string().nullable(),
})

export const auditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'the `next` value of an earlier page')
    .optional(),
})

/** A page, newest first. `next` is the cursor of the following page, or null on the last one. */
export const auditPage = z.strictObject({ data: z.array(auditEntry), next: z.string().nullable() })

export type AuditEntry = z.infer<typeof auditEntry>
export type AuditPage = z.infer<typeof auditPage>
