/** A part of a multipart form; the content of a file is a value too. */
export type FormField = { readonly name: string; readonly value: string }

/**
 * Reads a multipart form strictly. Parsers differ in what they make of forms that deviate from the standard, such as lines
 * that end in a bare LF or `name*=`, so such a form can't be read.
 *
 * @param body one character for each byte
 * @param isWhole false for the beginning of a larger form: its last part, which may be incomplete, is left out
 * @returns undefined for a form that another parser may read differently
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export function formFields(body: string, contentType: string, { isWhole = true } = {}): FormField[] | undefined {
  const boundary = BOUNDARY.exec(contentType)?.[2]
  if (boundary === undefined) return undefined
  const [before, ...parts] = body.split(`--${boundary}`)
  const end = parts.pop()
  const ends = !isWhole || end === '--' || end === '--\r\n'
  if (before !== '' || !ends || parts.length === 0) return undefined
  const fields = parts.map(readPart)
  return fields.every((field) => field !== undefined) ? fields : undefined
}

const BOUNDARY = /^multipart\/form-data;\s*boundary=("?)([\w'()+,./:=?-]{1,70})\1\s*$/i

function readPart(part: string): FormField | undefined {
  const at = part.indexOf('\r\n\r\n')
  if (!part.startsWith('\r\n') || at < 0 || !part.endsWith('\r\n') || part.length < at + 6) return undefined
  const lines = part.slice(2, at).split('\r\n')
  const names = lines.flatMap((line) => DISPOSITION.exec(line)?.slice(1, 3).filter(Boolean) ?? [])
  const [name] = names
  const isPlain = lines.every((line) => DISPOSITION.test(line) || OTHER_LINES.test(line))
  return isPlain && names.length === 1 && name !== undefined ? { name, value: part.slice(at + 4, -2) } : undefined
}

const FILENAME = String.raw`(?:; ?filename=(?:"[^"\r\n]*"|[\w.-]+))?(?:; ?filename\*=[\w%'.!#$&+^~-]+)?`
const DISPOSITION = new RegExp(
  String.raw`^content-disposition: ?form-data; ?name=(?:"([\w.[\]-]{1,200})"|([\w.[\]-]{1,200}))${FILENAME}$`,
  'i',
)
const OTHER_LINES = /^content-(type|length): ?[^\r\n]*$/i
