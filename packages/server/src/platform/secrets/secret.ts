import { inspect } from 'node:util'

const REDACTED = '[redacted]'

/**
 * Wraps a secret value: as a string, in JSON, in a log or in a debugger it is `[redacted]`. Only `reveal` returns the value, so
 * that its uses can be found.
 *
 * @typeParam T type of the value
 */
export class Secret<T> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  reveal(): T {
    return this.#value
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}

/** Wraps a value, unless it is already a secret. */
export function secret<T>(value: T | Secret<T>): Secret<T> {
  return value instanceof Secret ? value : new Secret(value)
}
