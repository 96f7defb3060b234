import type { AIChat } from '../../contract/registry.ts'
import { createChat, type SendOptions } from '../shared/chat-protocol.ts'
import type { SseBatch } from '../shared/sse.ts'
import type { BedrockModel } from './model.ts'
import { collect, parse } from './reply.ts'
import { type ConverseBody, pathOf, render } from './request.ts'

/** Options of the Bedrock Converse protocol. */
export type ConverseOptions = {
  /** Models of the provider, with what each of them supports. */
  readonly models: readonly BedrockModel[]
  /** Sends the body to the path below the vendor's base URL. */
  readonly send: (body: ConverseBody, options: SendOptions, path: string) => Promise<Response>
}

/**
 * Chat over Bedrock's Converse API: one format for the models of many vendors.
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

/** Loads the frame reader on first use: its checksums need zlib, which takes 5 ms to load. */
async function* readFrames(body: ReadableStream<Uint8Array>, isDone: () => boolean): AsyncGenerator<SseBatch> {
  const { readEventStream } = await import('./event-stream.ts')
  yield* readEventStream(body, isDone)
}

/** Removes the ARN and the geography from a model id: `us.amazon.…` and `eu.amazon.…` are the same model. */
function nameOf(id: string): string {
  return id.replace(/^arn:.*\//, '').replace(/^(global|us-gov|us|eu|apac|jp|au|ca)\./, '')
}
