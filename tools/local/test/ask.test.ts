import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { imageOutput } from '@activepieces/piece-image-ai'
import { COMPILE_CACHE, DATABASE_FLAGS } from '@activepieces/test-support/node-settings'
import { dataFolder } from '@activepieces/test-support/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { splitCsv } from '../src/ask-values.ts'
import { type LocalServer, startLocalServer } from '../src/local-server.ts'
import { sampleOf, schemaOf } from '../src/sample.ts'
import { sampleWav } from '../src/sample-media.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
let folder: string
let local: LocalServer
let env: NodeJS.ProcessEnv
beforeAll(async () => {
  data = await dataFolder()
  folder = data.path
  env = { ...COMPILE_CACHE, PATH: process.env['PATH'], AP_DATA_DIR: folder }
  local = await startLocalServer({ dataDir: folder, port: 0, logLevel: 'silent' }, {})
  await writeFile(join(folder, 'story.txt'), 'What is a piece? '.repeat(3))
  await writeFile(join(folder, 'a.png'), Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
  await writeFile(join(folder, 'b.pdf'), '%PDF-1.7')
}, 60_000)
afterAll(async () => {
  await local.close()
  await data.remove()
})

/** Runs `npm run ask` without npm, on the running server. */
async function ask(...args: string[]) {
  const program = join(import.meta.dirname, '../src/ask.ts')
  const run = promisify(execFile)(process.execPath, [...DATABASE_FLAGS, program, ...args], {
    env,
    timeout: 60_000,
    cwd: folder,
  })
  const { stdout, stderr, code } = await run.then((done) => ({ ...done, code: 0 })).catch((failed) => failed)
  return { stdout, stderr, code }
}

describe('npm run ask', () => {
  it('classifies text with labels given as CSV', async () => {
    const { stdout, stderr, code } = await ask(
      ...['utility-ai', 'classify_text', '--provider', 'openai', '--labels', '"a, b",c', '--text', 'Hi'],
    )
    expect(JSON.parse(stdout)).toEqual({ label: 'a, b', confidence: 1 })
    expect(stderr).toMatch(/^OpenAI, gpt-\S+ – local emulator\n/)
    expect(stderr).toMatch(/prompt tokens \d+ · completion tokens \d+ · total \d+ · \d+ ms/)
    expect(code).toBe(0)
  })

  it('extracts data from files and prints JSON', async () => {
    const { stdout, stderr, code } = await ask(
      ...['utility-ai', 'extract_structured_data', '--provider', 'anthropic', '--model', 'claude-haiku-4-5', '--json'],
      ...['--file', 'a.png', '--file', 'b.pdf', '--fields', 'Number', '--fields', '{"name":"Total","type":"number"}'],
    )
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({ data: { Number: 'sample', Total: 1 }, usage: {}, warnings: [] })
    expect(code).toBe(0)
  })

  it('summarizes the text of a file', async () => {
    const { stdout } = await ask('text-ai', 'summarize_text', '--text', '@story.txt', '--instructions', 'Short')
    expect(JSON.parse(stdout)).toMatchObject({ summary: expect.stringContaining('A piece is'), parts: 1 })
  })

  it('prints the completion of Ask AI as text, and the usage on standard error', async () => {
    const { stdout, stderr } = await ask('--provider', 'anthropic', 'What', 'is', 'a', 'piece?')
    expect(stdout).toMatch(/^A piece is a building block of a flow.*\)\n$/)
    expect(stderr).toContain('finish reason stop')
  })

  it('uses the moderation endpoint of the provider by default', async () => {
    const { stdout, stderr } = await ask('utility-ai', 'check_moderation', 'Be', 'nice')
    expect(JSON.parse(stdout)).toMatchObject({ flagged: false, by: 'moderation' })
    expect(stderr).toMatch(/moderation-latest · \d+ ms\n$/) // the endpoint reports no token usage
  })

  it('prints an error as one line or as JSON, and exits with 1', async () => {
    const failing = ['utility-ai', 'classify_text', '--labels', 'a', '--labels', 'a', 'Hi']
    const plain = await ask(...failing)
    expect(plain).toMatchObject({ code: 1, stdout: '' })
    expect(plain.stderr).toMatch(/\nInvalid labels: "a" appears twice\. Provide [^\n]+ Change [^\n]+\n$/)
    const { stdout, code } = await ask(...failing, '--json')
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'invalid-request', actor: 'flow-author' })
    expect(code).toBe(1)
  })

  it.each([
    [['utility-ai', 'classify'], /Utility AI has no action "classify"\. Actions: classify_text, /],
    [['text-ai'], /^Text AI needs an action\. Actions: ask_ai, summarize_text\.\n$/],
    [['text_ai', 'ask_ai', 'Hi'], /^There is no piece "text_ai"\. Pieces: .*text-ai/],
    [['--nonsense', '1', 'Hi'], /^Unknown option --nonsense\. Options: .*--provider, .*--creativity, /],
    [['--creativity', '-1', 'Hi'], /^Option '--creativity' argument is ambiguous\. [^\n]+\n$/],
    [['--creativity', 'much', 'Hi'], /^--creativity must be a number, got "much"\.\n$/],
    [['--file', 'nowhere.pdf', 'Hi'], /^--file: nowhere\.pdf does not exist\.\n$/],
    [['--file', '.', 'Hi'], /^--file: \. is a folder\.\n$/],
    [['--file', 'http://127.0.0.1:9/a.pdf', 'Hi'], /^--file: http:\S+ cannot be loaded: the connection failed\.\n$/],
    [['utility-ai', 'extract_structured_data', '--json-schema', '{', 'Hi'], /--json-schema is not valid JSON: \{/],
    [['utility-ai', 'classify_text', '--file', 'a.png', 'Hi'], /classify_text does not accept files\./],
    [['text-ai', 'ask_ai', '--prompt', '@nowhere.txt'], /nowhere\.txt/],
  ])('rejects %j and exits with 2', async (args, message) => {
    const { stderr, stdout, code } = await ask(...args)
    expect(stderr).toMatch(message)
    expect([stdout, code]).toEqual(['', 2])
  })

  it('reports that a provider has no model for the action', async () => {
    const { stderr, stdout, code } = await ask('image-ai', 'generate_image', '--provider', 'anthropic', 'Hi')
    expect(stderr).toBe('Anthropic has no model that supports image. If you know one, set it with --model.\n')
    expect([stdout, code]).toEqual(['', 1])
  })

  it('prints a short usage text without arguments', async () => {
    const { stderr, stdout, code } = await ask()
    expect(stderr).toMatch(/^Usage: npm run ask -- /)
    expect(stderr.split('\n').length).toBeLessThan(15)
    expect([stdout, code]).toEqual(['', 2])
  })

  it('extracts the fields of the sample invoice', async () => {
    const pdf = join(import.meta.dirname, '../samples/invoice.pdf')
    const { stdout } = await ask(
      ...['utility-ai', 'extract_structured_data', '--file', pdf, '--fields', 'Number,Total', '--json'],
    )
    expect(JSON.parse(stdout).data).toEqual({ Number: 'INV-2026-0042', Total: '1,190.00 EUR' })
  })

  it('prints a usage error as JSON with --json', async () => {
    const { stdout, stderr, code } = await ask('--prompt', '@nowhere.txt', '--json')
    expect(JSON.parse(stdout)).toEqual({ error: { message: '--prompt: nowhere.txt does not exist.' } })
    expect([stderr, code]).toEqual(['', 2])
  })

  it('gets images and audio from the emulator', async () => {
    const image = await ask('image-ai', 'generate_image', '--count', '2', '--json', 'A piece, قطعة 🧩')
    expect(imageOutput.parse(JSON.parse(image.stdout)).images).toHaveLength(2)
    const edited = await ask('image-ai', 'edit_image', '--image', 'a.png', '--json', 'Blue')
    expect(imageOutput.parse(JSON.parse(edited.stdout)).images).toHaveLength(1)
    const speech = await ask('audio-ai', 'text_to_speech', '--voice', 'alloy', 'Hello')
    expect(JSON.parse(speech.stdout)).toMatchObject({ filename: 'speech.wav', mediaType: 'audio/wav' })
    expect(speech.stdout).toContain('more characters; --json prints them')
    await writeFile(join(folder, 'speech.wav'), sampleWav())
    const { stdout } = await ask('audio-ai', 'transcribe_audio', '--file', 'speech.wav', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ text: expect.stringMatching(/^Hello\. \(This is the local emulator/) })
  })

  it('loads a file from a URL', async () => {
    const { stdout } = await ask('--file', `${local.url}/logos/openai.svg`, 'What is it?', '--explain')
    expect(stdout).toContain('openai.svg:\\n\\n<svg')
  }, 60_000)
})

describe('--explain', () => {
  it('prints the exact request without sending it', async () => {
    const args = ['utility-ai', 'classify_text', '--labels', 'a,b', '--model', 'gpt-5.5', 'Hi', '--explain']
    const { stdout, code } = await ask(...args)
    const [first, ...rest] = stdout.split('\n')
    expect([first, code]).toEqual(['POST /v1/chat/completions', 0])
    expect(JSON.parse(rest.join('\n'))).toMatchObject({
      model: 'gpt-5.5',
      messages: [{ role: 'developer' }, { role: 'user', content: 'Hi' }],
      response_format: { json_schema: { schema: { properties: { label: { enum: ['a', 'b'] } } } } },
    })
    const { stdout: json } = await ask(...args, '--json')
    expect(JSON.parse(json)).toMatchObject({
      requests: [{ method: 'POST', path: '/v1/chat/completions', body: { model: 'gpt-5.5' } }],
      notes: [],
    })
  }, 60_000)

  it('prints what was dropped, and why', async () => {
    const args = ['--provider', 'anthropic', '--model', 'claude-opus-4-7', '--creativity', '50', 'Hi', '--explain']
    const { stdout, stderr } = await ask(...args)
    expect(stdout).not.toContain('temperature')
    expect(stderr).toMatch(/^Note: .*creativity/m)
  }, 60_000)

  it('accepts any connection, and reports why there is no request', async () => {
    const { stdout } = await ask('--provider', 'mistral@eu', '--model', 'mistral-large-latest', 'Hi', '--explain')
    expect(stdout).toMatch(/^POST \/v1\/chat\/completions\n/)
    const nothing = await ask('--creativity', '500', 'Hi', '--explain')
    expect(nothing).toMatchObject({ code: 1, stdout: '' })
    expect(nothing.stderr).toContain('creativity is 500; expected a number from 0 to 100.')
  }, 60_000)
})

it('lists pieces, actions and their properties with --help', async () => {
  const { stdout, code } = await ask('--help')
  expect(code).toBe(0)
  for (const entry of ['text-ai ask_ai: ', 'text-ai summarize_text: ', 'utility-ai check_moderation: ']) {
    expect(stdout).toContain(entry)
  }
  expect(stdout).toMatch(/--labels <list> +Labels \(required\): The labels to choose from/)
  const one = await ask('utility-ai', 'classify_text', '--help')
  expect(one.stdout).toMatch(/^utility-ai classify_text: /)
  expect(one.stdout).not.toContain('summarize_text')
})

it.each([
  ['a,b', ['a', 'b']],
  [' a , b c ', ['a', 'b c']],
  ['"a, b",c', ['a, b', 'c']],
  ['"he said ""no""",42', ['he said "no"', '42']],
  ['شكوى,😀', ['شكوى', '😀']],
])('splits the CSV list %s', (line, entries) => {
  expect(splitCsv(line)).toEqual(entries)
})

it('finds the schema of a request and creates a sample of it', () => {
  const schema = {
    type: 'object',
    properties: {
      label: { enum: ['a', 'b'] },
      items: { anyOf: [{ type: 'array', items: { $ref: '#/$defs/item' } }, { type: 'null' }] },
    },
    $defs: { item: { type: 'object', properties: { price: { type: ['number', 'null'] } } } },
  }
  expect(sampleOf(schema)).toEqual({ label: 'a', items: [{ price: 1 }] })
  expect(schemaOf({ response_format: { json_schema: { schema } } })).toBe(schema)
  expect(schemaOf({ output_config: { format: { schema } } })).toBe(schema)
  expect(schemaOf({ response_format: { type: 'json_object', json_schema: schema } })).toBe(schema)
  const jsonSchema = { name: 'data', schema: JSON.stringify(schema) }
  expect(schemaOf({ outputConfig: { textFormat: { structure: { jsonSchema } } } })).toEqual(schema)
  expect(schemaOf({ messages: [] })).toBeUndefined()
})
