import type { AIChatCompletionsCreateParams, AIChatMessage, AITool } from '../contract/chat.ts'
import { type AICapability, type AIModel, capabilitiesOf } from '../contract/model.ts'
import { AIError } from '../errors/ai-error.ts'
import {
  check,
  describe,
  invalid,
  isFilled,
  isNamed,
  isNumber,
  isRecord,
  isWhole,
  OPTION_FIELDS,
  type Rule,
  validateFields,
  validatePart,
  validateTimeout,
} from './validate-fields.ts'

/** Validates the parameters of a chat call. @throws AIError `invalid-request` that names the field and the allowed values */
export function validateChatParams(params: AIChatCompletionsCreateParams, mode: 'text' | 'stream'): void {
  validateFields(params, FIELDS)
  params.messages.forEach(validateMessage)
  validateToolResults(params.messages)
  validateTools(params.tools ?? [], params.toolChoice)
  validateTimeout(params.timeout, TIMEOUTS[mode])
}

/** @throws AIError `unsupported` if the model is known to lack the capability; unknown models pass */
export function validateModel(id: string, capability: AICapability, models: readonly AIModel[]): void {
  const model = models.find(({ value }) => value === id)
  if (!model || capabilitiesOf(model).includes(capability)) return
  const able = models.filter((other) => capabilitiesOf(other).includes(capability)).map(({ value }) => value)
  const others = able.length > 0 ? `Models that do: ${able.join(', ')}` : 'No known model of this provider does'
  const message = `The model ${id} does not support ${capability}. ${others}.`
  throw new AIError({ code: 'unsupported', message, model: id, parameter: 'model' })
}

// ---- fields

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']
const TIMEOUTS = { text: ['connect', 'total'], stream: ['connect', 'firstToken', 'idle', 'total'] }
const CHOICES = ['auto', 'any', 'none']

const FIELDS: Record<keyof AIChatCompletionsCreateParams, Rule> = {
  model: { allowed: 'the id of a model', fits: isFilled, required: true },
  messages: {
    allowed: 'a list of at least one message',
    fits: (value) => Array.isArray(value) && value.length > 0,
    required: true,
  },
  creativity: { allowed: 'a number from 0 to 100', fits: (value) => isNumber(value) && value >= 0 && value <= 100 },
  maxTokens: { allowed: 'an integer of at least 1', fits: (value) => isWhole(value, 1) },
  stop: {
    allowed: 'a list of non-empty strings',
    fits: (value) => Array.isArray(value) && value.every((text) => typeof text === 'string' && text !== ''),
  },
  reasoningEffort: { allowed: EFFORTS.join(', '), fits: (value) => EFFORTS.some((effort) => effort === value) },
  webSearch: { allowed: 'true or false', fits: (value) => typeof value === 'boolean' },
  tools: { allowed: 'a list of tools', fits: Array.isArray },
  toolChoice: {
    allowed: 'auto, any, none or { tool: <name> }',
    fits: (value) => CHOICES.some((choice) => choice === value) || isNamed(value),
  },
  parallelToolCalls: { allowed: 'true or false', fits: (value) => typeof value === 'boolean' },
  ...OPTION_FIELDS,
  timeout: { allowed: 'an object of timeouts in milliseconds', fits: isRecord },
}

// ---- messages

const ROLES: readonly string[] = ['system', 'user', 'assistant', 'tool'] satisfies AIChatMessage['role'][]
const PARTS = ['text', 'image', 'file']

function validateMessage(message: AIChatMessage, index: number): void {
  const at = `messages[${index}]`
  check(isRecord(message), at, message, '{ role, content }')
  check(ROLES.includes(message.role), `${at}.role`, message.role, ROLES.join(', '))
  const { content } = message
  const mayHaveParts = message.role === 'user' || message.role === 'tool'
  if (mayHaveParts && Array.isArray(content)) {
    for (const [position, part] of content.entries()) validatePart(part, `${at}.content[${position}]`, PARTS)
  } else {
    check(
      typeof content === 'string',
      `${at}.content`,
      content,
      mayHaveParts ? 'a string or a list of parts' : 'a string',
    )
  }
  if (message.role === 'tool')
    check(isFilled(message.toolCallId), `${at}.toolCallId`, message.toolCallId, 'the id of a tool call')
}

/** Every vendor rejects a tool call without a result, and a result without a call. This error says which one. */
function validateToolResults(messages: readonly AIChatMessage[]): void {
  const open = new Map<string, string>()
  messages.forEach((message, index) => {
    if (message.role === 'tool') {
      const answers = open.delete(message.toolCallId)
      if (!answers)
        throw invalid(
          `messages[${index}].toolCallId`,
          `is ${describe(message.toolCallId)}; no open tool call has this id`,
        )
    } else if (open.size > 0) throw withoutResult(open)
    if (message.role !== 'assistant') return
    for (const [position, call] of (message.toolCalls ?? []).entries()) {
      open.set(call.id, `messages[${index}].toolCalls[${position}]`)
    }
  })
  if (open.size > 0) throw withoutResult(open)
}

function withoutResult(open: Map<string, string>): AIError {
  const [id = '', at = ''] = [...open][0] ?? []
  return invalid(at, `has no result; a message with role tool and toolCallId ${describe(id)} must follow`)
}

// ---- tools

function validateTools(tools: readonly AITool[], choice: AIChatCompletionsCreateParams['toolChoice']): void {
  const names = tools.map((tool) => tool.name)
  tools.forEach((tool, index) => {
    const at = `tools[${index}]`
    check(isRecord(tool), at, tool, '{ name, description?, parameters? }')
    const fits = typeof tool.name === 'string' && /^[\w-]{1,64}$/.test(tool.name)
    check(fits, `${at}.name`, tool.name, '1 to 64 letters, digits, _ or -')
    check(names.indexOf(tool.name) === index, `${at}.name`, tool.name, 'a unique name')
    check(
      tool.parameters === undefined || isRecord(tool.parameters),
      `${at}.parameters`,
      tool.parameters,
      'a zod schema or a JSON schema',
    )
  })
  if (typeof choice === 'object')
    check(names.includes(choice.tool), 'toolChoice.tool', choice.tool, `one of ${names.join(', ') || 'no tools'}`)
  if (choice === 'any') check(names.length > 0, 'tools', tools, 'at least one tool if toolChoice is any')
}
