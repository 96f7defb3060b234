/**
 * Request of Cohere's Chat API, from its reference. The vendor's SDK types only its own methods, with other names. The
 * type is also tested against recorded requests that the vendor accepted.
 *
 * @see https://docs.cohere.com/reference/chat
 */
export type ChatRequest = {
  model: string
  messages: Message[]
  stream: boolean
  tools?: Tool[]
  tool_choice?: 'REQUIRED' | 'NONE'
  response_format?: { type: 'text' } | { type: 'json_object'; json_schema?: JsonObject }
  documents?: (string | { id?: string; data: JsonObject })[]
  thinking?: { type: 'enabled' | 'disabled'; token_budget?: number }
  /** @asType integer
   * @minimum 1 */
  max_tokens?: number
  /** @maxItems 5 */
  stop_sequences?: string[]
  /** @minimum 0
   * @maximum 1 */
  temperature?: number
  seed?: number
  frequency_penalty?: number
  presence_penalty?: number
  k?: number
  p?: number
}

/** @see https://docs.cohere.com/reference/embed */
export type EmbedRequest = {
  model: string
  /** @maxItems 96 */
  texts: string[]
  input_type: 'search_document' | 'search_query' | 'classification' | 'clustering' | 'image'
  embedding_types: ('float' | 'int8' | 'uint8' | 'binary' | 'ubinary' | 'base64')[]
  /** @asType integer
   * @minimum 1 */
  output_dimension?: number
  truncate?: 'NONE' | 'START' | 'END'
}

type Message =
  | { role: 'system'; content: string | TextPart[] }
  | { role: 'user'; content: string | (TextPart | ImagePart)[] }
  | {
      role: 'assistant'
      content?: string | (TextPart | { type: 'thinking'; thinking: string })[]
      tool_calls?: ToolCall[]
      tool_plan?: string
    }
  | { role: 'tool'; tool_call_id: string; content: string | (TextPart | DocumentPart)[] }

type TextPart = { type: 'text'; text: string }
type ImagePart = { type: 'image_url'; image_url: { url: string; detail?: 'low' | 'high' | 'auto' } }
type DocumentPart = { type: 'document'; document: { id?: string; data: JsonObject } }
type ToolCall = { id: string; type: 'function'; function: { name: string; arguments: string } }
type Tool = { type: 'function'; function: { name: string; description?: string; parameters: JsonObject } }
type JsonObject = { [field: string]: unknown }
