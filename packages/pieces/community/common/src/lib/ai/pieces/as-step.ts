import { AIError } from '../errors/ai-error.ts'
import { toAIError } from '../errors/read.ts'

/**
 * Runs an action so that its errors say in one line what went wrong, who must act and what to do: a flow step only shows the
 * message. The error keeps its code and all other fields.
 *
 * @throws AIError whose message is that line
 * @example run: (context) => asStep(() => classify(context))
 */
export async function asStep<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (thrown) {
    const error = toAIError(thrown, {})
    throw new AIError({ ...error, message: lineOf(error), cause: thrown })
  }
}

function lineOf({ message, provider, actor, remedy }: AIError): string {
  const what = `${provider ? `${provider}: ` : ''}${withoutPaths(message).replace(/\s+/g, ' ').trim()}`
  return `${/[.!?…]$/.test(what) ? what : `${what}.`} ${advice(actor, remedy)}`
}

/** Replaces paths such as `messages[0].content[1]`, which flow authors do not know, by the name of the file. */
function withoutPaths(message: string): string {
  const [, filename, end] = FIELD_PATH.exec(message) ?? []
  if (end === undefined) return message
  const subject = filename === undefined ? (end === ':' ? '' : 'The input') : `The file "${filename}"`
  return message.replace(FIELD_PATH, `${subject}${subject === '' ? '' : end}`).trim()
}

const FIELD_PATH = /^(?:(?:messages|images|input)\[\d+\][\w.[\]]*|file|mask)(?: \((.+?)\))?(:|(?= (?:is|has) ))/

function advice(actor: AIError['actor'], remedy: string): string {
  if (actor === 'admin') return `Ask an admin to ${remedy.slice(0, 1).toLowerCase()}${remedy.slice(1)}`
  if (actor === 'vendor') return `The vendor has to fix this. ${remedy}`
  return actor === 'nobody' ? `This is temporary. ${remedy}` : remedy
}
