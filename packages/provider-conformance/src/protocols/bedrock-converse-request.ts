/**
 * Request of Bedrock's Converse API, from its reference. The type in AWS's SDK has bytes where the API takes base64. This
 * type is also tested against recorded requests that the vendor accepted.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export type ConverseRequest = {
  messages: Message[]
  system?: (Text | CachePoint)[]
  inferenceConfig?: InferenceConfig
  toolConfig?: ToolConfig
  additionalModelRequestFields?: JsonObject
  outputConfig?: { textFormat?: TextFormat }
}

type Message = {
  role: 'user' | 'assistant'
  /** @minItems 1 */
  content: ContentBlock[]
}

type ContentBlock =
  | Text
  | Image
  | Document
  | CachePoint
  | { reasoningContent: { reasoningText: { text: string; signature?: string } } | { redactedContent: string } }
  | { toolUse: { toolUseId: ToolUseId; name: ToolName; input: JsonObject; type?: 'tool_use' } }
  | { toolResult: { toolUseId: ToolUseId; content: ToolResultBlock[]; status?: 'success' | 'error' } }

type ToolResultBlock = Text | Image | Document | { json: unknown }

type Text = {
  /** @minLength 1 */
  text: string
}
type Image = { image: { format: 'png' | 'jpeg' | 'gif' | 'webp'; source: Source } }
type Document = {
  document: {
    format: 'pdf' | 'csv' | 'doc' | 'docx' | 'xls' | 'xlsx' | 'html' | 'txt' | 'md'
    /** @minLength 1
     * @maxLength 200
     * @pattern ^[a-zA-Z0-9\-()[\]]+(\s[a-zA-Z0-9\-()[\]]+)*$ */
    name: string
    source: Source
  }
}
type Source = { bytes: string } | { s3Location: { uri: string; bucketOwner?: string } }
type CachePoint = { cachePoint: { type: 'default'; ttl?: '5m' | '1h' } }
type JsonObject = { [field: string]: unknown }

/** @minLength 1
 * @maxLength 64
 * @pattern ^[a-zA-Z0-9_.:-]+$ */
type ToolUseId = string
/** @minLength 1
 * @maxLength 64
 * @pattern ^[a-zA-Z0-9_-]+$ */
type ToolName = string

type InferenceConfig = {
  /** @asType integer
   * @minimum 1 */
  maxTokens?: number
  /** @minimum 0
   * @maximum 1 */
  temperature?: number
  topP?: number
  stopSequences?: string[]
}

type ToolConfig = {
  /** @minItems 1 */
  tools: (ToolSpec | CachePoint)[]
  toolChoice?: { auto: Empty } | { any: Empty } | { tool: { name: ToolName } }
}
type ToolSpec = {
  toolSpec: {
    name: ToolName
    /** @minLength 1 */
    description?: string
    inputSchema: { json: JsonObject }
    strict?: boolean
  }
}
type Empty = Record<string, never>

type TextFormat = {
  type: 'json_schema'
  structure: { jsonSchema: { schema: string; name?: string; description?: string } }
}
