import { z } from 'zod'

/** What the doctor asks of a connection, in this order, each as a question for people. */
export const DOCTOR_PROBES = {
  models: 'Does it list its models?',
  text: 'Does it answer with text?',
  stream: 'Does it stream?',
  usage: 'Does the stream say what it used?',
  tools: 'Does it call a tool that it must call?',
  'parallel-tools': 'Does it call two tools in one reply?',
  'structured-output': 'Does it keep to a JSON schema?',
  image: 'Does it make an image?',
  abort: 'Does a stream that is broken off end at once?',
} as const

export type DoctorProbe = keyof typeof DOCTOR_PROBES

// SAFETY: the keys of the table above.
const probes = Object.keys(DOCTOR_PROBES) as [DoctorProbe, ...DoctorProbe[]]

/** `unknown`: nothing was shown, e.g. because the key was rejected or the model may do otherwise the next time. */
const verdict = z.enum(['yes', 'no', 'unknown'])

/** What one probe has shown. */
export const doctorFinding = z.strictObject({
  verdict,
  reason: z.string().describe("Why, in plain words; the vendor's own where it has said some, free of keys."),
  model: z.string().nullable().describe('The model that was asked; null where none was.'),
  at: z.iso.datetime().describe('When it was seen.'),
})

/** What all probes of one visit have shown. */
export const doctorReport = z.strictObject({
  at: z.iso.datetime().describe('When the visit ended.'),
  findings: z.record(z.enum(probes), doctorFinding),
})

/** Null when the connection was not probed since its origin or its credential has changed. */
export const doctorState = z.strictObject({ report: doctorReport.nullable() })

/** May be left out whole. */
export const doctorBody = z.strictObject({
  model: z.string().min(1).max(256).optional().describe('For text; the first one that the vendor lists when absent.'),
})

/** The verdicts of the last visit, for lists and dropdowns. */
export const doctorSummary = z.strictObject({ at: z.iso.datetime(), verdicts: z.record(z.enum(probes), verdict) })

export type DoctorVerdict = z.infer<typeof verdict>
export type DoctorFinding = z.infer<typeof doctorFinding>
export type DoctorReport = z.infer<typeof doctorReport>
export type DoctorState = z.infer<typeof doctorState>
export type DoctorBody = z.infer<typeof doctorBody>
export type DoctorSummary = z.infer<typeof doctorSummary>
