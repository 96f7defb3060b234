import type { AIChatCompletionsCreateParams, AIContentPart } from '@activepieces/pieces-common'
import type { Check, Context } from '../check.ts'
import { equal, errorOf, ok } from '../expect.ts'
import { PDF, PNG } from './files.ts'

/** Checks of images and documents in requests. */
export const MEDIA_CHECKS: readonly Check[] = [
  {
    name: 'M01 image by URL',
    needs: ['imageUrl'],
    run: async (context) => {
      const decoded = await sentWith(context, { type: 'image', image: { url: 'https://example.com/a.png' } })
      equal(decoded.images, ['https://example.com/a.png'], 'the images sent')
    },
  },
  {
    name: 'M02 image by base64, and as a framework file',
    needs: ['imageBase64'],
    run: async (context) => {
      const images = [
        { base64: PNG, mediaType: 'image/png' },
        { filename: 'red.png', data: Buffer.from(PNG, 'base64') },
      ]
      for (const image of images) {
        const decoded = await sentWith(context, { type: 'image', image })
        equal(decoded.images.length, 1, 'the number of images sent')
        ok(decoded.images[0]?.endsWith(PNG), 'the bytes of the image sent differ from the input')
      }
    },
  },
  { name: 'M03 too large or of the wrong type: the error names the file', needs: ['imageBase64'], run: badFiles },
  {
    name: 'M04 PDF by base64',
    needs: ['pdfBase64'],
    run: async (context) => {
      const file = { base64: PDF, mediaType: 'application/pdf', filename: 'paper.pdf' }
      const decoded = await sentWith(context, { type: 'file', file })
      equal(decoded.files.length, 1, 'the number of files sent')
      ok(decoded.files[0]?.endsWith(PDF), 'the bytes of the file sent differ from the input')
    },
  },
  {
    name: 'M04 PDF by URL',
    needs: ['pdfUrl'],
    run: async (context) => {
      const decoded = await sentWith(context, { type: 'file', file: { url: 'https://example.com/paper.pdf' } })
      equal(decoded.files, ['https://example.com/paper.pdf'], 'the files sent')
    },
  },
]

/** Sends a message with the part between two texts and returns the decoded request. */
async function sentWith({ vendor, encodeReply, ask, sent, modes }: Context, part: AIContentPart) {
  vendor.respondWith(encodeReply({ text: 'Yes.' }))
  for (const mode of modes) {
    await ask(mode, withPart(part))
    equal(sent().decoded.turns[0]?.text, 'Before.After.', `${mode}: the texts around the file`)
  }
  return sent().decoded
}

function withPart(part: AIContentPart): Pick<AIChatCompletionsCreateParams, 'messages'> {
  const [before, after] = ['Before.', 'After.'].map((text) => ({ type: 'text' as const, text }))
  return { messages: [{ role: 'user', content: [before, part, after].filter((item) => item !== undefined) }] }
}

async function badFiles({ vendor, encodeReply, ask, modes }: Context): Promise<void> {
  const large = Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.alloc(33 * 1024 * 1024)])
  const bad = [
    { file: { filename: 'large.png', data: large }, code: 'too-large' },
    { file: { filename: 'song.mp3', data: Buffer.from('ID3 not an image') }, code: 'invalid-request' },
    { file: { filename: 'odd.tiff', base64: PNG, mediaType: 'image/tiff' }, code: 'invalid-request' },
  ]
  for (const mode of modes) {
    for (const { file, code } of bad) {
      vendor.respondWith(encodeReply({ text: 'Yes.' }))
      const error = await errorOf(() => ask(mode, withPart({ type: 'image', image: file })))
      equal(error.code, code, `${mode}: the code for ${file.filename}`)
      ok(error.message.includes(file.filename), `${mode}: the message does not name ${file.filename}`)
      equal(vendor.requests.length, 0, `${mode}: the number of requests with ${file.filename}`)
    }
  }
}
