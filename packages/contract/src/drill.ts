import { z } from 'zod'
import { FAULTS, type Fault } from './faults.ts'

/** The header that marks a response during a fault drill. Its value is the name of the fault. */
export const DRILL_HEADER = 'x-ai-proxy-drill'

/** A fault of the table that a drill can inject. */
export type DrillFault = { [Name in Fault]: (typeof FAULTS)[Name]['drill'] extends true ? Name : never }[Fault]

const drilled = Object.entries(FAULTS).flatMap(([name, { what, drill }]) => (drill ? [[name, what]] : []))

/** Descriptions of the faults that a drill can inject. */
// SAFETY: built from the rows of the table with `drill: true`.
export const DRILL_FAULTS = Object.fromEntries(drilled) as Readonly<Record<DrillFault, string>>

// SAFETY: the keys of the table above.
const fault = z.enum(Object.keys(DRILL_FAULTS) as [DrillFault, ...DrillFault[]]).describe(
  Object.entries(DRILL_FAULTS)
    .map(([name, what]) => `\`${name}\`: ${what}`)
    .join(' '),
)

export const drillBody = z.strictObject({
  fault,
  seconds: z.int().min(1).max(3600).default(300).describe('The drill ends automatically after this many seconds.'),
  delayMs: z.int().min(1).max(600_000).default(10_000).describe('For slow-first-token.'),
})

/** A fault drill: calls through the connection fail on purpose until it ends. */
export const drill = z.strictObject({
  fault,
  delayMs: z.int(),
  started: z.iso.datetime(),
  ends: z.iso.datetime(),
})

/** Null if no drill is running. */
export const drillState = z.strictObject({ drill: drill.nullable() })

export type Drill = z.infer<typeof drill>
export type DrillBody = z.input<typeof drillBody>
export type DrillState = z.infer<typeof drillState>
