/**
 * Request of Gemini's `generateContent` API, from its reference. The vendor's SDK types only its own methods, not the
 * request body. The type is also tested against recorded requests that the vendor accepted.
 *
 * @see https://ai.google.dev/api/generate-content
 */
export type GenerateContentRequest = {
  contents: Content[]
  systemInstruction?: Content
  tools?: Tool[]
  toolConfig?: { functionCallingConfig?: FunctionCallingConfig }
  generationConfig?: GenerationConfig
}

/** @see https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
export type BatchEmbedContentsRequest = {
  /** @maxItems 100 */
  requests: {
    model: string
    content: Content
    taskType?: string
    title?: string
    /** @asType integer
     * @minimum 1 */
    outputDimensionality?: number
  }[]
}

type Content = { role?: 'user' | 'model'; parts: Part[] }

type Part = { thought?: boolean; thoughtSignature?: string } & (
  | { text: string }
  | { inlineData: InlineData }
  | { fileData: FileData }
  | { functionCall: { id?: string; name: string; args?: JsonObject } }
  | { functionResponse: { id?: string; name: string; response: JsonObject; parts?: ResponsePart[] } }
)

type ResponsePart = { inlineData: InlineData } | { fileData: FileData }
type InlineData = { mimeType: string; data: string }
type FileData = { mimeType?: string; fileUri: string }
type JsonObject = { [field: string]: unknown }

type Tool = { functionDeclarations: FunctionDeclaration[] }
type FunctionDeclaration = {
  name: string
  description?: string
  parameters?: JsonObject
  parametersJsonSchema?: JsonObject
}
type FunctionCallingConfig = { mode?: 'AUTO' | 'ANY' | 'NONE' | 'VALIDATED'; allowedFunctionNames?: string[] }

type GenerationConfig = {
  /** @minimum 0
   * @maximum 2 */
  temperature?: number
  topP?: number
  topK?: number
  seed?: number
  candidateCount?: number
  /** @asType integer
   * @minimum 1 */
  maxOutputTokens?: number
  /** @maxItems 5 */
  stopSequences?: string[]
  responseMimeType?: 'text/plain' | 'application/json' | 'text/x.enum'
  responseSchema?: JsonObject
  responseJsonSchema?: JsonObject
  responseModalities?: ('TEXT' | 'IMAGE' | 'AUDIO')[]
  imageConfig?: { aspectRatio?: string; imageSize?: '1K' | '2K' | '4K' }
  responseLogprobs?: boolean
  logprobs?: number
  thinkingConfig?: {
    includeThoughts?: boolean
    /** @asType integer */
    thinkingBudget?: number
    thinkingLevel?: 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH'
  }
}
