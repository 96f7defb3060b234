import { inspect } from 'node:util'

const REDACTED = '[redacted]'

/**
 * Holds a value that must not be seen: as text, in JSON, in a log or in a debugger's print it is `[redacted]`. Only
 * `reveal` gives it out, so that its uses can be found.
 *
 * @typeParam T the value's type
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

/** The value as a secret; one that is a secret already stays as it is. */
export function secret<T>(value: T | Secret<T>): Secret<T> {
  return value instanceof Secret ? value : new Secret(value)
}
