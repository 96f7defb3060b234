import { crc32 } from 'node:zlib'
import { encodeEventStreamFrame, encodeEventStreamMessage } from '@copilotkit/aimock'
import { describe, expect, it } from 'vitest'
import { createFrameParser, readEventStream } from '../src/lib/ai/protocols/bedrock-converse/event-stream.ts'

// By an encoder that others made.
const FRAMES = [
  encodeEventStreamMessage('messageStart', { role: 'assistant', p: 'abcdefg' }),
  encodeEventStreamMessage('contentBlockDelta', { delta: { text: 'Grüße 👩‍👩‍👧 مرحبا' } }),
  encodeEventStreamFrame({ ':message-type': 'event', ':event-type': 'empty' }, Buffer.alloc(0)),
]
const EVENTS = [
  { event: 'messageStart', data: '{"role":"assistant","p":"abcdefg"}' },
  { event: 'contentBlockDelta', data: '{"delta":{"text":"Grüße 👩‍👩‍👧 مرحبا"}}' },
  { event: 'empty', data: '' },
]
const BYTES = Buffer.concat(FRAMES)
const [FIRST = Buffer.alloc(0)] = FRAMES

/** Reads bytes that come cut at the given offsets. */
async function read(bytes: Uint8Array, cuts: number[] = []) {
  const edges = [0, ...cuts, bytes.length]
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const [index, edge] of edges.slice(1).entries()) controller.enqueue(bytes.subarray(edges[index], edge))
      controller.close()
    },
  })
  const events = []
  for await (const batch of readEventStream(body)) events.push(...batch.events)
  return events
}

/** A frame whose headers are these bytes: put where the encoder, which knows texts alone, has one of the same length. */
function frameWith(headers: string, payload: string): Buffer {
  const frame = encodeEventStreamFrame({ ['x'.repeat(headers.length - 4)]: '' }, Buffer.from(payload))
  frame.write(headers, 12, 'latin1')
  frame.writeUInt32BE(crc32(frame.subarray(0, -4)), frame.length - 4)
  return frame
}

describe('frames', () => {
  it('cut at every byte give the same events', async () => {
    expect(await read(BYTES)).toEqual(EVENTS)
    for (let at = 1; at < BYTES.length; at++) expect(await read(BYTES, [at]), `cut at ${at}`).toEqual(EVENTS)
  })

  it('that come byte by byte, too', async () => {
    expect(await read(BYTES, [...BYTES.keys()].slice(1))).toEqual(EVENTS)
  })

  it('reads a long frame in small pieces in linear time', () => {
    const frame = encodeEventStreamFrame({ ':event-type': 'long' }, Buffer.alloc(20_000_000, 'x'))
    const parser = createFrameParser()
    const events = []
    for (let at = 0; at < frame.length; at += 500) events.push(...parser.push(frame.subarray(at, at + 500)))
    expect(events).toEqual([{ event: 'long', data: expect.toSatisfy((data) => data.length === 20_000_000) }])
  })

  it('refuses a frame that is larger than any frame of AWS', () => {
    const prelude = Buffer.alloc(12)
    prelude.writeUInt32BE(25 * 1024 * 1024, 0)
    prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
    expect(createFrameParser().push(prelude)).toMatchObject([{ error: { code: 'invalid-reply' } }])
  })

  it('half a frame at the end is nothing', async () => {
    for (let end = BYTES.length - 1; end > BYTES.length - 20; end--)
      expect(await read(BYTES.subarray(0, end))).toEqual(EVENTS.slice(0, 2))
  })

  it('a byte that changed on its way is found, wherever it stands', async () => {
    for (let at = 0; at < FIRST.length; at++) {
      const bytes = Buffer.concat([FIRST, BYTES])
      bytes[FIRST.length + at] = (bytes[FIRST.length + at] ?? 0) ^ 1
      const [before, damaged, ...after] = await read(bytes)
      expect(before, `byte ${at}`).toEqual(EVENTS[0])
      expect(damaged?.error, `byte ${at}`).toMatchObject({ code: 'invalid-reply' })
      expect(after, `byte ${at}`).toEqual([]) // where the next one begins is not known
    }
  })

  it('what is no stream of frames is told', async () => {
    const [event] = await read(Buffer.from('\0\0\0\x20 and no frame'))
    expect(event?.error).toMatchObject({ code: 'invalid-reply' })
  })

  it('an exception is an error, with its kind and its words', async () => {
    const kind = { ':message-type': 'exception', ':exception-type': 'modelStreamErrorException' }
    const body = { message: 'Model Stream Error', originalStatusCode: 500 }
    const [before, event] = await read(
      Buffer.concat([FIRST, encodeEventStreamFrame(kind, Buffer.from(JSON.stringify(body)))]),
    )
    expect(before).toEqual(EVENTS[0])
    expect(event?.error).toMatchObject({
      code: 'server-error',
      vendorCode: 'ModelStreamErrorException',
      vendorMessage: 'Model Stream Error',
    })
    const [plain] = await read(encodeEventStreamFrame(kind, Buffer.from('no JSON')))
    expect(plain?.error).toMatchObject({ vendorMessage: 'no JSON' })
  })

  it('an error of the transport is one too', async () => {
    const headers = { ':message-type': 'error', ':error-code': 'InternalServerException', ':error-message': 'Sorry.' }
    const [event] = await read(encodeEventStreamFrame(headers, Buffer.alloc(0)))
    expect(event?.error).toMatchObject({ code: 'server-error', vendorMessage: 'Sorry.' })
  })
})

describe('headers of other types', () => {
  const EVENT = '\x0b:event-type\x07\x00\x01e'
  it.each([
    ['true', '\x01t\x00'],
    ['a byte', '\x01b\x02\x07'],
    ['a short', '\x01s\x03\x00\x07'],
    ['an integer', '\x01i\x04\x00\x00\x00\x07'],
    ['a long', `\x01l\x05${'\x00'.repeat(8)}`],
    ['bytes', '\x01y\x06\x00\x02ab'],
    ['a time', `\x01w\x08${'\x00'.repeat(8)}`],
    ['a UUID', `\x01u\x09${'\x00'.repeat(16)}`],
  ])('%s is passed over', (_type, header) => {
    const bytes = frameWith(header + EVENT, '{}')
    expect(createFrameParser().push(bytes)).toEqual([{ event: 'e', data: '{}' }])
  })

  it.each([
    ['of a type that nobody knows', '\x01?\x0a\x00\x00\x00\x00'],
    ['that ends in its middle', '\x01x\x07\x00\x63abc'],
  ])('one %s is told', (_what, header) => {
    const bytes = frameWith(header, '{}')
    expect(createFrameParser().push(bytes)[0]?.error).toMatchObject({ code: 'invalid-reply' })
  })
})
