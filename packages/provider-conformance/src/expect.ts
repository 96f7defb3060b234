import { isDeepStrictEqual } from 'node:util'
import { AIError } from '@activepieces/pieces-common'

/** Why a check is red, in one sentence that says what actual and what is expected. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure'
}

export function fail(message: string): never {
  throw new CheckFailure(message)
}

export function ok(fits: unknown, message: string): asserts fits {
  if (!fits) fail(message)
}

/** @param what the name of the thing, e.g. `the text` */
export function equal(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) fail(`${what} is ${show(actual)}; expected ${show(expected)}`)
}

/** What the call throws: an AIError, or the check fails. */
export async function errorOf(call: () => Promise<unknown>, what = 'the call'): Promise<AIError> {
  const result = await outcomeOf(call)
  if (result instanceof AIError) return result
  return fail(`${what} gave ${show(result)}; expected an AIError`)
}

/** What the call gives, or the AIError that it throws; anything else thrown fails the check. */
export async function outcomeOf<T>(call: () => Promise<T>): Promise<T | AIError> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof AIError) return error
    return fail(`it threw ${show(error)}, which is no AIError`)
  }
}

/** Waits until it is so, at most so long. */
export async function until(isSo: () => boolean, ms: number, message: string): Promise<void> {
  const end = performance.now() + ms
  while (!isSo()) {
    if (performance.now() > end) fail(message)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Fails instead of hanging. */
export async function within<T>(promise: Promise<T>, ms: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CheckFailure(message)), ms)
  })
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

function show(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 400 ? `${text.slice(0, 400)} …` : text
}
