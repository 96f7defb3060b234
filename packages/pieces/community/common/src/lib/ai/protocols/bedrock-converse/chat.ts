import type { AIChat } from '../../contract/registry.ts'
import { createChat, type SendOptions } from '../shared/chat-protocol.ts'
import type { SseBatch } from '../shared/sse.ts'
import type { BedrockModel } from './model.ts'
import { collect, parse } from './reply.ts'
import { type ConverseBody, pathOf, render } from './request.ts'

/** What a vendor that speaks this wire has to say of itself. */
export type ConverseOptions = {
  /** The vendor's models, for what each of them takes. */
  readonly models: readonly BedrockModel[]
  /** Sends the body to this path below the vendor's base URL. */
  readonly send: (body: ConverseBody, options: SendOptions, path: string) => Promise<Response>
}

/**
 * The chat of a vendor that speaks Bedrock's `Converse`: one form for the models of many makers.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export function bedrockConverse({ models, send }: ConverseOptions): AIChat {
  const modelOf = (id: string) =>
    models.find(({ value }) => value === id) ?? models.find(({ value }) => nameOf(value) === nameOf(id))
  return createChat({
    path: ({ model }, stream) => pathOf(model, stream),
    render: (request, stream) => render(request, modelOf(request.model), stream),
    send,
    parse,
    collect,
    read: readFrames,
    idHeader: 'x-amzn-requestid',
    structuredOutput: (model) => modelOf(model)?.structuredOutput ?? false,
  })
}

/** The reader of frames is loaded when it is first needed: its checksums come from zlib, which takes 5 ms to load. */
async function* readFrames(body: ReadableStream<Uint8Array>, isWhole: () => boolean): AsyncGenerator<SseBatch> {
  const { readEventStream } = await import('./event-stream.ts')
  yield* readEventStream(body, isWhole)
}

/** A model without the ARN before it and the geography that serves it: `us.amazon.…` and `eu.amazon.…` take the same. */
function nameOf(id: string): string {
  return id.replace(/^arn:.*\//, '').replace(/^(global|us-gov|us|eu|apac|jp|au|ca)\./, '')
}
