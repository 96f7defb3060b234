import { AIError } from '../errors/ai-error.ts'
import { toAIError } from '../errors/read.ts'

/**
 * Runs what an action does, so that an error says in one line what went wrong, who must act and what to do: a step of a
 * flow shows nothing else of it. The error keeps its code and everything that came with it.
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
  const what = `${provider ? `${provider}: ` : ''}${withoutPlaces(message).replace(/\s+/g, ' ').trim()}`
  return `${/[.!?…]$/.test(what) ? what : `${what}.`} ${WHO[actor]} ${remedy}`
}

/** A step has no `messages[0].content[1]`: its file has a name, and the rest is told by the words that follow. */
function withoutPlaces(message: string): string {
  const [, filename, end] = PLACE.exec(message) ?? []
  if (end === undefined) return message
  const subject = filename === undefined ? (end === ':' ? '' : 'What was given') : `The file "${filename}"`
  return message.replace(PLACE, `${subject}${subject === '' ? '' : end}`).trim()
}

const PLACE = /^(?:(?:messages|images|input)\[\d+\][\w.[\]]*|file|mask)(?: \((.+?)\))?(:|(?= (?:is|has) ))/

const WHO: Record<AIError['actor'], string> = {
  'flow-author': 'What you can do:',
  admin: 'What an admin has to do:',
  vendor: "It is the vendor's fault:",
  nobody: 'It passes by itself:',
}
