import { describe, expect, it } from 'vitest'
import { createSseParser, readSse } from '../src/lib/ai/protocols/shared/sse.ts'

const EVENTS = [
  { event: 'greeting', data: '{"text":"Grüße 👩‍👩‍👧 مرحبا"}' },
  { event: '', data: 'two\nlines' },
  { event: '', data: '' },
  { event: '', data: '[DONE]' },
]
const TEXT = [
  ': a comment',
  'event: greeting',
  'data: {"text":"Grüße 👩‍👩‍👧 مرحبا"}',
  '',
  'id: 7',
  'retry: 10',
  'data:two',
  'data: lines',
  '',
  'data:',
  '',
  'event: named-but-empty',
  '',
  'data: [DONE]',
  '',
  '',
].join('\n')

/** Reads bytes that come cut at the given offsets. */
async function read(bytes: Uint8Array, cuts: number[]) {
  const edges = [0, ...cuts, bytes.length]
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const [index, edge] of edges.slice(1).entries()) controller.enqueue(bytes.subarray(edges[index], edge))
      controller.close()
    },
  })
  const events = []
  for await (const batch of readSse(body)) events.push(...batch.events)
  return events
}

describe.each([
  ['LF', TEXT],
  ['CRLF', TEXT.replaceAll('\n', '\r\n')],
  ['CR', TEXT.replaceAll('\n', '\r')],
])('server-sent events with %s lines', (_name, text) => {
  const bytes = new TextEncoder().encode(text)

  it('cut at every byte, once', async () => {
    for (let cut = 0; cut <= bytes.length; cut++) expect(await read(bytes, [cut])).toEqual(EVENTS)
  })

  it('byte by byte', async () => {
    expect(await read(bytes, Array.from(bytes.keys()))).toEqual(EVENTS)
  })
})

it('reads lines of all three kinds in one body', async () => {
  const bytes = new TextEncoder().encode('data: 1\n\ndata: 2\r\n\r\ndata: 3\r\rdata: 4\n\r\ndata: 5\r\n\ndata: 6\n\n')
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect((await read(bytes, [cut])).map(({ data }) => data)).toEqual(['1', '2', '3', '4', '5', '6'])
  }
})

describe('the end of a body', () => {
  it('hands out what stands without its last blank line, and marks it', async () => {
    const body = new Blob(['data: 1\n\ndata: 2']).stream()
    const batches = []
    for await (const batch of readSse(body)) batches.push(batch)
    expect(batches).toEqual([
      { events: [{ event: '', data: '1' }], final: false },
      { events: [{ event: '', data: '2' }], final: true },
    ])
  })

  it('reads a long event in small pieces in linear time', () => {
    const parser = createSseParser()
    const piece = 'x'.repeat(1_000)
    parser.push('data: ')
    for (let count = 0; count < 30_000; count++) parser.push(piece)
    expect(parser.push('\r\n\r\n')).toEqual([
      { event: '', data: expect.toSatisfy((data) => data.length === 30_000_000) },
    ])
  })

  it('refuses an event without an end', () => {
    const parser = createSseParser()
    const piece = 'x'.repeat(1024 * 1024)
    expect(() => {
      for (let count = 0; count < 100; count++) parser.push(piece)
    }).toThrow('An event of the stream is larger than 64 MB.')
  })

  it('is silent where nothing is left', () => {
    const parser = createSseParser()
    expect(parser.push('data: 1\n\n')).toEqual([{ event: '', data: '1' }])
    expect(parser.end()).toBeUndefined()
  })
})

describe('what vendors really stream', () => {
  const bytesOf = (text: string) => new TextEncoder().encode(text)

  it('quirk 10: transcripts come with CRLF and without `event:` lines', async () => {
    const rows = ['{"type":"transcript.text.delta","delta":"Hi."}', '{"type":"transcript.text.done","text":"Hi."}']
    const bytes = bytesOf(rows.map((row) => `data: ${row}\r\n\r\n`).join(''))
    const right = rows.map((data) => ({ event: '', data }))
    for (let cut = 1; cut < bytes.length; cut++) expect(await read(bytes, [cut])).toEqual(right)
  })

  it('quirk 39: Replicate names and numbers its events; lines, an empty text and comments are in between', async () => {
    const bytes = bytesOf(
      [
        ': hi\n',
        'event: output\nid: 1707756341:0\ndata: \n',
        'event: output\nid: 1707756342:2\ndata: :\ndata: \ndata: Why\n',
        'event: done\nid: 1707756343:7\ndata: {}\n',
        ':408: 408 Request Timeout\n\n',
      ].join('\n'),
    )
    const right = [
      { event: 'output', data: '' },
      { event: 'output', data: ':\n\nWhy' },
      { event: 'done', data: '{}' },
    ]
    for (let cut = 1; cut < bytes.length; cut++) expect(await read(bytes, [cut])).toEqual(right)
  })
})
