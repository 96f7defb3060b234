import { AIError, type AiProviderMetadata, AiProviders } from '@activepieces/pieces-common'
import type { Check, ConformanceOptions, Context } from './check.ts'
import { CHECKS } from './checks/index.ts'
import { createContext, detectProtocol, hasChat, modelsOf, protocolOf, reach, type Subject } from './context.ts'
import { MEDIA } from './entry.ts'
import { CheckFailure, within } from './expect.ts'
import { problemOf } from './request-schema.ts'
import { fieldOf, providerSources } from './source.ts'
import { fakeVendorTarget, type Target } from './targets/targets.ts'

/** Result of a check. */
export type CheckResult = {
  readonly check: string
  readonly model: string
  readonly outcome: 'passed' | 'failed' | 'known gap'
  /** Reason in one sentence; for `failed`, the actual and the expected value. */
  readonly message?: string
}

/** Runs all checks for the models of an entry, without a test runner. */
export async function runConformance(
  entry: AiProviderMetadata,
  options: ConformanceOptions = {},
  target: Target = fakeVendorTarget,
): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const model of modelsOf(entry, options)) {
    const detected = await detectProtocol(entry, options, model)
    results.push(...(await runChecks(CHECKS, { entry, options, model, detected }, target)))
  }
  return results
}

/** Runs the checks that apply, one after the other. */
export async function runChecks(checks: readonly Check[], subject: Subject, target: Target): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const check of await applicableChecks(subject, target, checks)) {
    results.push(await runCheck(check, subject, target))
  }
  return results
}

/** The checks that apply to an entry and its model. The others are not run and not reported. */
export async function applicableChecks(
  subject: Subject,
  target: Target,
  checks: readonly Check[] = CHECKS,
): Promise<readonly Check[]> {
  const context = await createContext(subject, fakeVendorTarget)
  try {
    return checks.filter((check) => (target.scripted || check.everywhere) && applies(check, subject, context))
  } finally {
    await context.vendor.close()
  }
}

function applies(check: Check, { entry, detected }: Subject, context: Context): boolean {
  if (isAboutChat(check)) {
    if (!hasChat(entry)) return false
    if (detected.problem !== undefined) return false // S03 reports it
  }
  try {
    const ai = reach(entry, 'http://127.0.0.1:9', 'token')
    if (check.medium && MEDIA[check.medium].at.reduce<unknown>(fieldOf, ai) === undefined) return false
    return (check.needs ?? []).every(context.supports) && (check.applies?.(context) ?? true)
  } catch {
    return true // the factory throws, which the check reports
  }
}

/** False for checks of the entry itself (`S…`) and of other media. */
function isAboutChat({ name, medium }: Check): boolean {
  return medium === undefined && !name.startsWith('S')
}

export async function runCheck(check: Check, subject: Subject, target: Target): Promise<CheckResult> {
  const { options, model } = subject
  const gap = (options.knownGaps ?? []).find((known) => known.check === check.name || known.check === idOf(check))
  const problem = await problemFoundBy(check, subject, target)
  const result = { check: check.name, model }
  if (gap && problem === undefined)
    return { ...result, outcome: 'failed', message: `passes now: remove ${gap.check} from knownGaps` }
  if (gap) return { ...result, outcome: 'known gap', message: gap.reason }
  return problem === undefined ? { ...result, outcome: 'passed' } : { ...result, outcome: 'failed', message: problem }
}

/** Returns the ids in `knownGaps` that no check has. */
export function unknownGaps({ knownGaps = [] }: ConformanceOptions): string[] {
  const known = new Set(CHECKS.flatMap((check) => [check.name, idOf(check)]))
  return knownGaps.map(({ check }) => check).filter((check) => !known.has(check))
}

function idOf({ name }: Check): string {
  return name.split(' ', 1)[0] ?? name
}

/** Runs the check. Returns the problem in one sentence; undefined if it passes. */
async function problemFoundBy(check: Check, subject: Subject, target: Target): Promise<string | undefined> {
  const context = await createContext(subject, target)
  try {
    return await attempt(check, context)
  } finally {
    await context.vendor.close()
  }
}

/** Longer than any check takes on a busy machine. Needed because a call that ignores its signal never ends. */
const CHECK_TIMEOUT_MS = 50_000

async function attempt(check: Check, context: Context): Promise<string | undefined> {
  const unhandled: unknown[] = []
  const listen = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', listen)
  try {
    const late = `did not finish within ${CHECK_TIMEOUT_MS / 1000} s`
    await within(Promise.resolve(check.run(context)), CHECK_TIMEOUT_MS, late)
  } catch (error) {
    if (error instanceof CheckFailure) return error.message
    if (error instanceof AIError) return `threw AIError ${error.code}: ${error.message}${declaration(error, check)}`
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  } finally {
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listen)
  }
  if (unhandled.length > 0) return `left an unhandled rejection: ${String(unhandled[0])}`
  return check.sendsUntyped
    ? undefined
    : await untyped(context, check.request ?? ((request) => protocolOf(request).request))
}

/** Suggests the capability to declare as unsupported if the provider rejects the call. */
function declaration({ code }: AIError, { needs = [] }: Check): string {
  if (code !== 'unsupported' || needs.length === 0) return ''
  const lines = needs.map((capability) => `supports: { ${capability}: false }`)
  return ` If the provider cannot do this, declare it: ${lines.join(' or ')}`
}

/** Says where to fix failed checks. */
export function whereToFix(entry: AiProviderMetadata, { source }: ConformanceOptions): string {
  const known: readonly AiProviderMetadata[] = AiProviders
  const { file } = providerSources(entry, known, source)
  const options = known.includes(entry)
    ? `'${entry.value}' in packages/provider-conformance/src/options.ts`
    : 'the options of describeAiProvider'
  return `Fix the provider in ${file?.path ?? 'its file'}, or declare the gap (supports, knownGaps) in ${options}.`
}

/** Validates every request of a check against the vendor's own type. */
async function untyped({ vendor }: Context, typeOf: NonNullable<Check['request']>): Promise<string | undefined> {
  for (const request of vendor.requests) {
    const type = typeOf(request)
    const problem = type && (await problemOf(request.body, type))
    if (problem !== undefined) return problem
  }
  return undefined
}
