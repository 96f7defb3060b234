import type { AIFile, AIFrameworkFile } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'

/** A file for a request: a URL that the vendor fetches, or bytes of a known type. */
export type ResolvedFile =
  | { url: string; base64?: undefined; filename: string | undefined }
  | { url?: undefined; base64: string; mediaType: string; filename: string | undefined }

/** Image types that all vendors accept. */
const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']
const DOCUMENTS = ['application/pdf']
const IMAGE_EXTENSIONS = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/webp': 'webp' }
const AUDIO_EXTENSIONS = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/mp4': 'm4a',
  'audio/m4a': 'm4a',
  'audio/x-m4a': 'm4a',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/webm': 'webm',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
}
/** No vendor accepts larger requests. */
const MAX_FILE_BYTES = 32 * 1024 * 1024

/**
 * Resolves and checks a file in any of its three forms.
 *
 * @param at path of the file, for errors, e.g. `messages[0].content[1].image`
 * @throws AIError `invalid-request` for a wrong type, `too-large`; both name the file
 */
export function resolveFile(file: AIFile | AIFrameworkFile, kind: 'image' | 'file', at: string): ResolvedFile {
  const allowed = kind === 'image' ? IMAGES : DOCUMENTS
  const name = nameOf(file, at)
  if ('url' in file && !file.url.startsWith('data:')) return { url: file.url, filename: file.filename }
  const { base64, mediaType } = bytesOf(file, name)
  if (!allowed.includes(mediaType))
    throw refused(name, `is ${mediaType}; expected ${allowed.join(', ')}.`, 'invalid-request')
  const bytes = Math.floor((base64.length * 3) / 4)
  if (bytes > MAX_FILE_BYTES) throw refused(name, `has ${bytes} bytes; the maximum is ${MAX_FILE_BYTES}.`, 'too-large')
  return { base64, mediaType, filename: file.filename }
}

/**
 * Resolves a file for multipart upload.
 *
 * @param at path of the file, for errors, e.g. `images[0]`
 * @throws AIError `invalid-request` for a URL or a wrong type, `too-large`; both name the file
 */
export function resolveUpload(file: AIFile | AIFrameworkFile, kind: 'image' | 'audio', at: string): File {
  const allowed: Record<string, string> = kind === 'image' ? IMAGE_EXTENSIONS : AUDIO_EXTENSIONS
  const name = nameOf(file, at)
  if ('url' in file && !file.url.startsWith('data:'))
    throw refused(name, 'is a URL; expected the bytes of a file, as { base64, mediaType } or { filename, data }.')
  const { base64, mediaType } = bytesOf(file, name)
  const extension = allowed[mediaType]
  if (!extension) throw refused(name, `is ${mediaType}; expected ${Object.keys(allowed).join(', ')}.`)
  const data = Buffer.from(base64, 'base64')
  if (data.length > MAX_FILE_BYTES)
    throw refused(name, `has ${data.length} bytes; the maximum is ${MAX_FILE_BYTES}.`, 'too-large')
  // Vendors rely on the file extension.
  const filename = file.filename && /\.\w+$/.test(file.filename) ? file.filename : `${kind}.${extension}`
  return new File([data], filename, { type: mediaType })
}

function nameOf(file: AIFile | AIFrameworkFile, at: string): string {
  return file.filename === undefined ? at : `${at} (${file.filename})`
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

/** Detects the type from the first bytes: file names are unreliable. */
function typeOfBytes(data: Uint8Array): string {
  const head = Buffer.from(data.subarray(0, 12)).toString('latin1')
  const known = SIGNATURES.find(([, signature]) => signature.test(head))
  return known ? known[0] : 'of an unknown type'
}

const SIGNATURES: readonly (readonly [string, RegExp])[] = [
  ['image/png', /^\x89PNG/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8/],
  ['image/webp', /^RIFF.{4}WEBP/s],
  ['application/pdf', /^%PDF/],
  ['audio/mpeg', /^(ID3|\xff[\xf2\xf3\xfa\xfb])/],
  ['audio/wav', /^RIFF.{4}WAVE/s],
  ['audio/flac', /^fLaC/],
  ['audio/ogg', /^OggS/],
  ['audio/webm', /^.E\xdf\xa3/s],
  ['audio/mp4', /^.{4}ftyp/s],
]

function refused(name: string, what: string, code: 'invalid-request' | 'too-large' = 'invalid-request'): AIError {
  return new AIError({ code, message: `${name} ${what}`, parameter: name })
}
