import { ApFile, type InputProperty, type InputPropertyMap, PropertyType } from '@activepieces/pieces-framework'
import { InputError } from './errors.ts'

/**
 * The value of a property with its files as the framework has them; those of an array's items too.
 *
 * @throws InputError that names the property, what came and what is allowed
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
    throw new InputError(`"${name}" is ${typeof value === 'string' ? 'a text' : 'no file'}; allowed is ${ALLOWED}.`)
  }
  return new ApFile(filename, bytesOf(name, base64), /\.(\w+)$/.exec(filename)?.[1])
}

function bytesOf(name: string, base64: string): Buffer {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(base64))
    throw new InputError(`"${name}" is no base64; allowed is ${ALLOWED}.`)
  return Buffer.from(base64, 'base64')
}

/** A file that an action has written, as a URL that holds it: there is no store of files here. */
export function urlOfFile(fileName: string, data: Buffer): string {
  const ending = /\.(\w+)$/.exec(fileName)?.[1] ?? ''
  const type = Object.hasOwn(TYPES, ending) ? TYPES[ending] : 'application/octet-stream'
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
