import type { AIFile, AIFrameworkFile } from './contract-chat.ts'
import { AIError } from './errors.ts'

/** A file as a wire needs it: a URL for the vendor to fetch, or bytes of a known type. */
export type ResolvedFile =
  | { url: string; base64?: undefined; filename: string | undefined }
  | { url?: undefined; base64: string; mediaType: string; filename: string | undefined }

/** What the vendors read, whatever their own limits are besides. */
const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']
const DOCUMENTS = ['application/pdf']
/** No vendor takes a larger request. */
const LARGEST_BYTES = 32 * 1024 * 1024

/**
 * Makes one form of the three that a file may have, and checks it.
 *
 * @param at where it stands, for the error, e.g. `messages[0].content[1].image`
 * @throws AIError `invalid-request` for a wrong type, `too-large`; both name the file
 */
export function resolveFile(file: AIFile | AIFrameworkFile, kind: 'image' | 'file', at: string): ResolvedFile {
  const allowed = kind === 'image' ? IMAGES : DOCUMENTS
  const name = file.filename === undefined ? at : `${at} (${file.filename})`
  if ('url' in file && !file.url.startsWith('data:')) return { url: file.url, filename: file.filename }
  const { base64, mediaType } = bytesOf(file, name)
  if (!allowed.includes(mediaType))
    throw refused(name, `is ${mediaType}; allowed is ${allowed.join(', ')}.`, 'invalid-request')
  const bytes = Math.floor((base64.length * 3) / 4)
  if (bytes > LARGEST_BYTES)
    throw refused(name, `has ${bytes} bytes; allowed is ${LARGEST_BYTES} at most.`, 'too-large')
  return { base64, mediaType, filename: file.filename }
}

function bytesOf(file: AIFile | AIFrameworkFile, name: string): { base64: string; mediaType: string } {
  if ('base64' in file && typeof file.base64 === 'string' && 'mediaType' in file) {
    return {
      base64: file.base64,
      mediaType: file.mediaType ?? typeOfBytes(Buffer.from(file.base64.slice(0, 32), 'base64')),
    }
  }
  if ('url' in file) {
    const [, mediaType = '', base64] = /^data:([^;,]*)[^,]*;base64,(.*)$/s.exec(file.url) ?? []
    if (base64 === undefined) throw refused(name, 'is a data URL without base64.', 'invalid-request')
    return { base64, mediaType }
  }
  const data = Buffer.from('data' in file ? file.data : [])
  return { base64: data.toString('base64'), mediaType: typeOfBytes(data) }
}

/** The type by the first bytes: a file's name proves nothing. */
function typeOfBytes(data: Uint8Array): string {
  const head = Buffer.from(data.subarray(0, 12)).toString('latin1')
  const known = SIGNATURES.find(([, signature]) => signature.test(head))
  return known ? known[0] : 'of no known type'
}

const SIGNATURES: readonly (readonly [string, RegExp])[] = [
  ['image/png', /^\x89PNG/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8/],
  ['image/webp', /^RIFF.{4}WEBP/s],
  ['application/pdf', /^%PDF/],
]

function refused(name: string, what: string, code: 'invalid-request' | 'too-large'): AIError {
  return new AIError({ code, message: `${name} ${what}`, parameter: name })
}
