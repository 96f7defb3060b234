import { isDeepStrictEqual } from 'node:util'
import { AIError } from '@activepieces/pieces-common'

/** Failure of a check, in one sentence with the actual and the expected value. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure'
}

export function fail(message: string): never {
  throw new CheckFailure(message)
}

export function ok(fits: unknown, message: string): asserts fits {
  if (!fits) fail(message)
}

/** @param what name of the value, e.g. `the text` */
export function equal(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) fail(`${what} is ${show(actual)}; expected ${show(expected)}`)
}

/** Returns the AIError that the call throws. Fails if it throws anything else or returns. */
export async function errorOf(call: () => Promise<unknown>, what = 'the call'): Promise<AIError> {
  const result = await outcomeOf(call)
  if (result instanceof AIError) return result
  return fail(`${what} returned ${show(result)}; expected an AIError`)
}

/** Returns the result of the call or the AIError that it throws. Fails if it throws anything else. */
export async function outcomeOf<T>(call: () => Promise<T>): Promise<T | AIError> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof AIError) return error
    return fail(`it threw ${show(error)}, which is not an AIError`)
  }
}

/** Polls a condition and fails with the message after the timeout. */
export async function until(condition: () => boolean, ms: number, message: string): Promise<void> {
  const end = performance.now() + ms
  while (!condition()) {
    if (performance.now() > end) fail(message)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Waits for a promise and fails with the message after the timeout. */
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
