import { z } from 'zod'

/** Capability probes in the order they run, each as a question for people. */
export const DOCTOR_PROBES = {
  models: 'Does it list its models?',
  text: 'Does it answer with text?',
  stream: 'Does it stream?',
  usage: 'Does the stream report its usage?',
  tools: 'Does it call a required tool?',
  'parallel-tools': 'Does it call two tools in one completion?',
  'structured-output': 'Does its output match a JSON schema?',
  image: 'Does it generate an image?',
  abort: 'Does an aborted stream end immediately?',
} as const

export type DoctorProbe = keyof typeof DOCTOR_PROBES

// SAFETY: the keys of the table above.
const probes = Object.keys(DOCTOR_PROBES) as [DoctorProbe, ...DoctorProbe[]]

/** `unknown`: inconclusive, e.g. because the key was rejected or the model may behave differently next time. */
const verdict = z.enum(['yes', 'no', 'unknown'])

/** Result of one probe. */
export const doctorFinding = z.strictObject({
  verdict,
  reason: z.string().describe("Reason for the verdict, with the vendor's message if there is one, without keys."),
  model: z.string().nullable().describe('The model used, or null if the probe used none.'),
  at: z.iso.datetime().describe('When the probe ended.'),
})

/** Results of all probes of one run. */
export const doctorReport = z.strictObject({
  at: z.iso.datetime().describe('When the run ended.'),
  findings: z.record(z.enum(probes), doctorFinding),
})

/** Null if the connection has not been probed since its origin or credential changed. */
export const doctorState = z.strictObject({ report: doctorReport.nullable() })

/** Optional request body. */
export const doctorBody = z.strictObject({
  model: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe('Model for the text probes. Defaults to the first model that the vendor lists.'),
})

/** Verdicts of the last run, for lists and dropdowns. */
export const doctorSummary = z.strictObject({ at: z.iso.datetime(), verdicts: z.record(z.enum(probes), verdict) })

export type DoctorVerdict = z.infer<typeof verdict>
export type DoctorFinding = z.infer<typeof doctorFinding>
export type DoctorReport = z.infer<typeof doctorReport>
export type DoctorState = z.infer<typeof doctorState>
export type DoctorBody = z.infer<typeof doctorBody>
export type DoctorSummary = z.infer<typeof doctorSummary>
