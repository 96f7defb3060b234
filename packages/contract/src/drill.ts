import { z } from 'zod'

/** The header that marks a reply during a drill; its value is the fault. */
export const DRILL_HEADER = 'x-ai-proxy-drill'

/** What a drill can do to the calls of a connection; each is on the fault wall of the conformance suite too. */
export const DRILL_FAULTS = {
  '429': 'The vendor says that calls come too fast, with Retry-After.',
  '503': 'The vendor says that it is not available.',
  reset: 'The vendor closes the connection before it answers.',
  'slow-first-token': 'The vendor begins to answer only after the delay.',
  cut: 'The vendor closes the connection within its answer.',
  stall: 'The vendor falls silent within its answer.',
  malformed: 'A part of the answer is no valid JSON.',
} as const

export type DrillFault = keyof typeof DRILL_FAULTS

// SAFETY: the keys of the table above.
const fault = z.enum(Object.keys(DRILL_FAULTS) as [DrillFault, ...DrillFault[]]).describe(
  Object.entries(DRILL_FAULTS)
    .map(([name, what]) => `\`${name}\`: ${what}`)
    .join(' '),
)

export const drillBody = z.strictObject({
  fault,
  seconds: z.int().min(1).max(3600).default(300).describe('The drill ends by itself after this many seconds.'),
  delayMs: z.int().min(1).max(600_000).default(10_000).describe('For slow-first-token.'),
})

/** Calls of a connection fail on purpose, until it ends. */
export const drill = z.strictObject({
  fault,
  delayMs: z.int(),
  started: z.iso.datetime(),
  ends: z.iso.datetime(),
})

/** Null when no drill runs. */
export const drillState = z.strictObject({ drill: drill.nullable() })

export type Drill = z.infer<typeof drill>
export type DrillBody = z.input<typeof drillBody>
export type DrillState = z.infer<typeof drillState>
