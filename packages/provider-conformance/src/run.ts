import { AIError, type AiProviderMetadata, AiProviders, supports } from '@activepieces/pieces-common'
import { absenceProblem } from './absence.ts'
import type { Check, ConformanceOptions, Context } from './check.ts'
import { CHECKS } from './checks/index.ts'
import { createContext, findWire, hasChat, modelsOf, reach, type Subject, wireOf } from './context.ts'
import { CheckFailure, within } from './expect.ts'
import { type Place, scriptedPlace } from './places.ts'
import { problemOf } from './request-schema.ts'
import { providerSources } from './source.ts'

/**
 * How a check went. `not owed`: the protocol or the provider has no such thing. `not run`: S03 failed, and the check needs
 * what it is about.
 */
export type CheckResult = {
  readonly check: string
  readonly model: string
  readonly outcome: 'passed' | 'failed' | 'known gap' | 'not owed' | 'not run'
  /** Why, in one sentence; for `failed` what came and what is right. */
  readonly message?: string
}

/** Runs all checks over all models of an entry, without a test runner. */
export async function runConformance(
  entry: AiProviderMetadata,
  options: ConformanceOptions = {},
  place: Place = scriptedPlace,
): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const model of modelsOf(entry, options)) {
    const found = await findWire(entry, options, model)
    for (const check of checksOf(place)) results.push(await runCheck(check, { entry, options, model, found }, place))
  }
  return results
}

/** The checks that can be run at a place. */
export function checksOf(place: Place): readonly Check[] {
  return place.scripted ? CHECKS : CHECKS.filter(({ everywhere }) => everywhere)
}

/** Whether the entry has at all what the check is about, as far as that is seen without asking it anything. */
export function isOwed(check: Check, entry: AiProviderMetadata): boolean {
  return whyNotOwed(check, entry) === undefined
}

function whyNotOwed(check: Check, entry: AiProviderMetadata): string | undefined {
  if (isAboutChat(check) && !hasChat(entry)) return 'has no chat'
  if (check.medium === undefined) return undefined
  try {
    return supports(reach(entry, 'http://127.0.0.1:9', 'token'), check.medium) ? undefined : `has no ${check.medium}`
  } catch {
    return undefined // a factory that throws is told of by the check
  }
}

/** Neither about the entry itself nor about another medium. */
function isAboutChat({ name, medium }: Check): boolean {
  return medium === undefined && !name.startsWith('S')
}

export async function runCheck(check: Check, subject: Subject, place: Place): Promise<CheckResult> {
  const { options, model } = subject
  if (isAboutChat(check) && subject.found.problem !== undefined)
    return { check: check.name, model, outcome: 'not run', message: 'see S03' }
  const gap = (options.knownGaps ?? []).find((known) => known.check === check.name || known.check === idOf(check))
  const outcome = await tryCheck(check, subject, place)
  const result = { check: check.name, model }
  if (typeof outcome !== 'object') return { ...result, outcome: 'not owed', message: outcome }
  const { problem } = outcome
  if (gap && problem === undefined)
    return { ...result, outcome: 'failed', message: `works now: take ${gap.check} out of knownGaps` }
  if (gap) return { ...result, outcome: 'known gap', message: gap.reason }
  return problem === undefined ? { ...result, outcome: 'passed' } : { ...result, outcome: 'failed', message: problem }
}

/** The ids that `knownGaps` names and no check has. */
export function unknownGaps({ knownGaps = [] }: ConformanceOptions): string[] {
  const known = new Set(CHECKS.flatMap((check) => [check.name, idOf(check)]))
  return knownGaps.map(({ check }) => check).filter((check) => !known.has(check))
}

function idOf({ name }: Check): string {
  return name.split(' ', 1)[0] ?? name
}

/** What is wrong, or a sentence that says why the check is not owed. */
async function tryCheck(check: Check, subject: Subject, place: Place): Promise<{ problem?: string } | string> {
  const notOwed = whyNotOwed(check, subject.entry)
  if (notOwed !== undefined) return notOwed
  const context = await createContext(subject, place)
  try {
    const absent = (check.needs ?? []).find((capability) => !context.supports(capability))
    if (absent !== undefined) {
      const problem = await absenceProblem(absent, context)
      return problem === undefined ? `has no ${absent}` : { problem }
    }
    if (check.applies && !check.applies(context)) return `no such thing on ${context.wire.name}`
    return problemBy(await attempt(check, context))
  } finally {
    await context.vendor.close()
  }
}

function problemBy(problem: string | undefined): { problem?: string } {
  return problem === undefined ? {} : { problem }
}

/** Longer than any check takes on a busy machine; a call that ignores its signal never ends. */
const CHECK_TIMEOUT_MS = 50_000

async function attempt(check: Check, context: Context): Promise<string | undefined> {
  const unhandled: unknown[] = []
  const listen = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', listen)
  try {
    const late = `did not end within ${CHECK_TIMEOUT_MS / 1000} s`
    await within(Promise.resolve(check.run(context)), CHECK_TIMEOUT_MS, late)
  } catch (error) {
    if (error instanceof CheckFailure) return error.message
    if (error instanceof AIError) return `threw AIError ${error.code}: ${error.message}${declaration(error, check)}`
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  } finally {
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listen)
  }
  if (unhandled.length > 0) return `leaves a rejection that nobody handles: ${String(unhandled[0])}`
  return check.sendsUntyped
    ? undefined
    : await untyped(context, check.request ?? ((request) => wireOf(request).request))
}

/** What to declare when the provider refuses what the check needs. */
function declaration({ code }: AIError, { needs = [] }: Check): string {
  if (code !== 'unsupported' || needs.length === 0) return ''
  const lines = needs.map((capability) => `supports: { ${capability}: false }`)
  return ` If the provider cannot do this, declare it: ${lines.join(' or ')}`
}

/** Where to make red checks green. */
export function whereToFix(entry: AiProviderMetadata, { source }: ConformanceOptions): string {
  const known: readonly AiProviderMetadata[] = AiProviders
  const { file } = providerSources(entry, known, source)
  const options = known.includes(entry)
    ? `'${entry.value}' in packages/provider-conformance/src/options.ts`
    : 'the options of describeAiProvider'
  return `Fix the provider in ${file?.path ?? 'its file'}, or declare what it lacks (supports, knownGaps) for ${options}.`
}

/** What was sent has to be of the vendor's own type, whatever the check is about. */
async function untyped({ vendor }: Context, typeOf: NonNullable<Check['request']>): Promise<string | undefined> {
  for (const request of vendor.requests) {
    const type = typeOf(request)
    const problem = type && (await problemOf(request.body, type))
    if (problem !== undefined) return problem
  }
  return undefined
}
