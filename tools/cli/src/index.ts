import { type ParseArgsConfig, parseArgs } from 'node:util'

/** A command line that cannot be run as written. The program prints the message and exits with status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Runs a program. Prints an error as one message on standard error, without a stack, and exits with status 2 for a
 * `UsageError` or 1 for any other error.
 */
export async function runProgram(main: () => void | Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
}

/**
 * Reads the options and positional arguments of a program. With `--help` it prints the usage and exits with status 0,
 * after the other options were checked.
 *
 * @param usage what `--help` prints
 * @throws UsageError that names the wrong option and those that exist
 */
export function readArguments<const Config extends ParseArgsConfig>(
  usage: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  const options = { ...config.options, help: { type: 'boolean' as const } }
  try {
    const { values } = parseArgs({ ...config, options })
    if (!Object(values).help) return parseArgs(config)
  } catch (error) {
    throw argumentError(error, Object.keys(options))
  }
  console.log(usage)
  process.exit(0)
}

/** The error of `parseArgs` in one line, with the options that exist. */
export function argumentError(error: unknown, known: readonly string[]): UsageError {
  const { code, message } = Object(error)
  const [, option] = /'(--?[^'=\s]+)/.exec(String(message)) ?? []
  const what =
    code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
      ? `Unknown option ${option}`
      : (String(message).split(/\.?(?: |\n)(?=[A-Z])/, 1)[0] ?? '').replace(/\s*\n\s*/g, ' ')
  return new UsageError(`${what}. Options: ${known.map((name) => `--${name}`).join(', ')}.`, { cause: error })
}
