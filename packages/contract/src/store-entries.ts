import { z } from 'zod'

/** Maximum size of an entry's value, in bytes of JSON. */
export const STORE_VALUE_LIMIT = 512 * 1024

const key = z.string().min(1).max(128)

export const storeEntryQuery = z.strictObject({ key })
export const storeEntryBody = z.strictObject({ key, value: z.json() })

/** A value that a piece stores between runs, in the format of the pieces framework. */
export const storeEntry = z.strictObject({
  id: z.string(),
  created: z.iso.datetime(),
  updated: z.iso.datetime(),
  projectId: z.string(),
  key: z.string(),
  value: z.json(),
})

export type StoreEntry = z.infer<typeof storeEntry>
export type StoreEntryBody = z.infer<typeof storeEntryBody>
