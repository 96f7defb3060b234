import { z } from 'zod'
import { projectId } from './projects.ts'
import type { StoreEntryBody } from './store-entries.ts'

/** Fields that accept any JSON value, with any text in it. */
export const FREE_JSON_FIELDS: readonly string[] = ['input', 'value'] satisfies (
  | keyof RunPieceBody
  | keyof StoreEntryBody
)[]

const input = z.record(z.string(), z.json()).default({})

/** A property of an action as the pieces framework describes it: its type, display name and so on. */
const pieceProperty = z.record(z.string(), z.json())

const pieceAction = z.strictObject({
  name: z.string(),
  displayName: z.string(),
  description: z.string(),
  props: z.record(z.string(), pieceProperty),
})

export const piece = z.strictObject({
  name: z.string(),
  displayName: z.string(),
  description: z.string(),
  logoUrl: z.string(),
  actions: z.array(pieceAction),
})

export const pieceList = z.strictObject({ data: z.array(piece) })

export const runPieceBody = z.strictObject({
  input: input.describe('Values of the properties of the action. A file is { filename, base64 } or a data: URL.'),
  projectId: projectId.optional().describe('Project to run as, for admin callers. An engine token has its own.'),
  stream: z.boolean().optional().describe('Responds with server-sent events, like `accept: text/event-stream`.'),
})

export const logLine = z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']), message: z.string() })

/** Why an action failed. Fields other than `message` are set if the error has them. */
export const pieceError = z.strictObject({
  message: z.string(),
  code: z.string().optional(),
  status: z.number().optional(),
  provider: z.string().optional(),
  model: z.string().optional(),
  requestId: z.string().optional(),
  retryAfter: z.number().optional(),
  retryable: z.boolean().optional(),
  actor: z.string().optional(),
  remedy: z.string().optional(),
})

const sentField = z.strictObject({ name: z.string(), value: z.string() })

/** A body as it was sent. Long base64 values, such as images, are shortened to their start and size. */
const sentBody = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('json'), value: z.json() }),
  z.strictObject({
    type: z.literal('form'),
    fields: z.array(sentField).describe('Files are described by name, type and size.'),
  }),
  z.strictObject({
    type: z.literal('other'),
    contentType: z.string().describe('Content type. The body itself is not shown.'),
  }),
])

/** A request as the proxy sent it to the vendor, without secrets. */
export const sentRequest = z.strictObject({
  requestId: z.string().describe('Request id, also stored in the usage row.'),
  connection: z.string().describe('Slug of the connection.'),
  method: z.string(),
  url: z.string(),
  headers: z.array(
    sentField.extend({
      value: z.string().nullable().describe('Null for headers stored with the connection, which are never shown.'),
    }),
  ),
  droppedHeaders: z.array(z.string()).describe("Names of the caller's headers that the proxy dropped, at most 20."),
  bytes: z.number().describe('Size of the body.'),
  body: sentBody,
  drill: z.string().nullable().describe('The fault that a drill injected, if any.'),
})

export const pieceRun = z.strictObject({
  runId: z.string().describe('Run id of its usage rows.'),
  status: z.enum(['succeeded', 'failed']),
  output: z.json(),
  error: pieceError.optional(),
  requests: z.array(sentRequest).describe('Requests sent to vendors in order, at most the first 100.'),
  logs: z.array(logLine),
  durationMs: z.number(),
})

export const pieceOptionsBody = z.strictObject({
  property: z.string().min(1).describe('Name of a dropdown or of dynamic properties of the action.'),
  input: input.describe('Values of the properties so far.'),
  searchValue: z.string().optional(),
  projectId: projectId.optional(),
})

/** State of a dropdown (`{ disabled?, placeholder?, options }`), or the properties of a dynamic property. */
export const pieceOptions = z.record(z.string(), z.json())

/** A server-sent event of a streamed run. `result` is the last one. */
export type PieceRunEvent =
  | { type: 'update'; data: unknown }
  | { type: 'request'; data: SentRequest }
  | { type: 'log'; data: LogLine }
  | { type: 'result'; data: PieceRun }

export type Piece = z.infer<typeof piece>
export type PieceList = z.infer<typeof pieceList>
export type PieceError = z.infer<typeof pieceError>
export type PieceRun = z.infer<typeof pieceRun>
export type PieceOptions = z.infer<typeof pieceOptions>
export type PieceOptionsBody = z.input<typeof pieceOptionsBody>
export type RunPieceBody = z.input<typeof runPieceBody>
export type SentRequest = z.infer<typeof sentRequest>
export type LogLine = z.infer<typeof logLine>
