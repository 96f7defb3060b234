import { ApFile, type InputProperty, type InputPropertyMap, PropertyType } from '@activepieces/pieces-framework'
import { InputError } from './errors.ts'

/**
 * Converts the files in the value of a property to the framework's type, including those in the items of an array.
 *
 * @throws InputError that names the property, its value and what is allowed
 */
export function withFiles(property: InputProperty, value: unknown): unknown {
  if (value === undefined || value === null || value === '') return value
  if (property.type === PropertyType.FILE) return toFile(property.displayName, value)
  if (property.type !== PropertyType.ARRAY || !property.properties || !Array.isArray(value)) return value
  const properties: InputPropertyMap = property.properties
  return value.map((item: unknown) => {
    if (typeof item !== 'object' || item === null) return item
    const fields = Object.entries(item).map(([name, inner]) => {
      const known = Object.hasOwn(properties, name) ? properties[name] : undefined
      return [name, known ? withFiles(known, inner) : inner]
    })
    return Object.fromEntries(fields)
  })
}

const ALLOWED = 'a file as { filename, base64 }, or as a data: URL with base64'

function toFile(name: string, value: unknown): ApFile {
  const [, type = '', encoded] = /^data:([^;,]*)[^,]*;base64,(.*)$/s.exec(typeof value === 'string' ? value : '') ?? []
  if (encoded !== undefined) return new ApFile(`file.${type.split('/')[1] ?? 'bin'}`, bytesOf(name, encoded))
  const { filename, base64 }: Record<string, unknown> = { ...(typeof value === 'object' ? value : {}) }
  if (typeof filename !== 'string' || filename === '' || typeof base64 !== 'string') {
    throw new InputError(
      `"${name}" is invalid: expected ${ALLOWED}, got ${typeof value === 'string' ? 'a string' : 'no file'}.`,
    )
  }
  return new ApFile(filename, bytesOf(name, base64), /\.(\w+)$/.exec(filename)?.[1])
}

function bytesOf(name: string, base64: string): Buffer {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(base64))
    throw new InputError(`"${name}" is not valid base64: expected ${ALLOWED}.`)
  return Buffer.from(base64, 'base64')
}

/** Renders a file that an action wrote as a data: URL, because there is no file store. */
export function urlOfFile(fileName: string, data: Buffer): string {
  const extension = /\.(\w+)$/.exec(fileName)?.[1] ?? ''
  const type = Object.hasOwn(TYPES, extension) ? TYPES[extension] : 'application/octet-stream'
  return `data:${type};base64,${data.toString('base64')}`
}

const TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  pdf: 'application/pdf',
  mp3: 'audio/mpeg',
  opus: 'audio/ogg',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
}
