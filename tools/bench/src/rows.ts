import { join } from 'node:path'
import { LIBRARY_DIR } from './library.ts'
import { compare, compareCold, memoryRatio, type Program, type Setting } from './measure.ts'
import { PEERS_DIR } from './peers.ts'

/** One row of the table. */
export type Row = {
  name: string
  /** Maximum. A row without a maximum and a minimum is for information. */
  bound?: number
  /** Minimum. */
  least?: number
  /** Unit of the number. A number without a unit is a ratio. */
  unit?: string
  needs?: 'peers' | 'portkey'
  measure: (setting: Setting) => Promise<number>
}

export const ROWS: readonly Row[] = [
  { name: 'import: wall / empty Node', bound: 1.5, measure: async (setting) => wallRatio(IMPORT, EMPTY, setting) },
  { name: 'import: memory above empty Node', bound: 10, unit: 'MB', measure: memoryOfImport },
  {
    name: 'import in the workspace, from TypeScript: wall / empty Node',
    measure: (setting) => wallRatio(IMPORT_FROM_SOURCE, EMPTY, setting),
  },
  {
    name: "the same with Node's compile cache, as the server's runner has it",
    measure: (setting) => wallRatio(IMPORT_FROM_CACHE, EMPTY, setting),
  },
  {
    name: 'cold, import + one call: wall / openai SDK',
    bound: 1.05,
    measure: (setting) => wallRatio(cold(setting), coldSdk(setting), setting),
  },
  {
    name: 'cold, import + one call: wall / pieces-common 0.4.1',
    bound: 0.5,
    needs: 'peers',
    measure: (setting) => wallRatio(cold(setting), coldHistoric(setting), setting),
  },
  {
    name: 'chat.text: CPU / openai SDK',
    bound: 1.05,
    measure: (setting) => cpuRatio('openai', 'sdk', 'text', setting),
  },
  {
    name: 'chat.text: CPU / anthropic SDK',
    bound: 1.05,
    measure: (setting) => cpuRatio('anthropic', 'sdk', 'text', setting),
  },
  {
    name: 'chat.text: CPU / Vercel generateText (OpenAI)',
    bound: 1,
    needs: 'peers',
    measure: (setting) => cpuRatio('openai', 'vercel', 'text', setting),
  },
  {
    name: 'chat.text: CPU / Vercel generateText (Anthropic)',
    bound: 1,
    needs: 'peers',
    measure: (setting) => cpuRatio('anthropic', 'vercel', 'text', setting),
  },
  {
    name: 'chat.stream: CPU / openai SDK',
    bound: 1.1,
    measure: (setting) => cpuRatio('openai', 'sdk', 'stream', setting),
  },
  {
    name: 'chat.stream: CPU / anthropic SDK',
    bound: 1.1,
    measure: (setting) => cpuRatio('anthropic', 'sdk', 'stream', setting),
  },
  {
    name: 'chat.stream: CPU / Vercel streamText (OpenAI)',
    bound: 0.35,
    needs: 'peers',
    measure: (setting) => cpuRatio('openai', 'vercel', 'stream', setting),
  },
  {
    name: 'chat.stream: CPU / Vercel streamText (Anthropic)',
    bound: 0.15,
    needs: 'peers',
    measure: (setting) => cpuRatio('anthropic', 'vercel', 'stream', setting),
  },
  {
    name: 'first delta after openai SDK',
    bound: 0.1,
    unit: 'ms',
    measure: (setting) => firstDeltaLater('openai', setting),
  },
  {
    name: 'first delta after anthropic SDK',
    bound: 0.1,
    unit: 'ms',
    measure: (setting) => firstDeltaLater('anthropic', setting),
  },
  {
    name: 'memory after 10,000 calls and 1,000 streams / before (OpenAI)',
    bound: 1.1,
    measure: (setting) => memoryRatio('ours-openai', setting),
  },
  {
    name: 'memory after 10,000 calls and 1,000 streams / before (Anthropic)',
    bound: 1.1,
    measure: (setting) => memoryRatio('ours-anthropic', setting),
  },
]

// ---- warm

async function cpuRatio(
  provider: string,
  peer: 'sdk' | 'vercel',
  task: 'text' | 'stream',
  setting: Setting,
): Promise<number> {
  const { ours, theirs } = await compare([`ours-${provider}`, `${peer}-${provider}`], setting, {
    task,
    count: task === 'text' ? 300 : 20,
    rounds: 15,
  })
  return ours.cpu / theirs.cpu
}

/** Delay of our first delta in milliseconds. Negative if ours is faster. */
async function firstDeltaLater(provider: string, setting: Setting): Promise<number> {
  const sides = [`ours-${provider}`, `sdk-${provider}`] as const
  const { ours, theirs } = await compare(sides, setting, { task: 'first-delta', count: 200, rounds: 15 })
  return (ours.firstDelta - theirs.firstDelta) / 1000
}

// ---- cold

async function wallRatio(ours: Program, theirs: Program, setting: Setting): Promise<number> {
  const measured = await compareCold([ours, theirs], setting)
  return measured.ours.wall / measured.theirs.wall
}

async function memoryOfImport(setting: Setting): Promise<number> {
  const { ours, theirs } = await compareCold([IMPORT, EMPTY], setting)
  return ours.rss - theirs.rss
}

const EMPTY: Program = { code: '', cwd: LIBRARY_DIR }
const IMPORT: Program = {
  code: `import { AI, AiProviders, authHeader } from '@activepieces/pieces-common'`,
  cwd: LIBRARY_DIR,
}
const IMPORT_FROM_SOURCE: Program = {
  code: `import { AI, AiProviders, authHeader } from '@activepieces/pieces-common'`,
  cwd: join(import.meta.dirname, '..'),
}

const IMPORT_FROM_CACHE: Program = {
  ...IMPORT_FROM_SOURCE,
  env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '../.peers/compile-cache') },
}

const MESSAGES = `[{ role: 'user', content: 'What is a piece?' }]`

function cold({ url }: Setting): Program {
  const code = `import { AI } from '@activepieces/pieces-common'
const ai = AI({ provider: 'openai', server: { apiUrl: '${url}', token: 't' } })
await ai.chat.text({ model: 'gpt-5.5', messages: ${MESSAGES} })`
  return { code, cwd: LIBRARY_DIR }
}

function coldSdk({ url }: Setting): Program {
  const code = `import { OpenAI } from 'openai'
const sdk = new OpenAI({ apiKey: 't', baseURL: '${url}v1/ai-providers/proxy/openai/v1' })
await sdk.chat.completions.create({ model: 'gpt-5.5', messages: ${MESSAGES} })`
  return { code, cwd: LIBRARY_DIR }
}

function coldHistoric({ url }: Setting): Program {
  const code = `import { AI } from '@activepieces/pieces-common'
const ai = AI({ provider: 'openai', server: { apiUrl: '${url}', token: 't' } })
await ai.chat.text({ model: 'gpt-5.5', messages: ${MESSAGES} })`
  return { code, cwd: PEERS_DIR }
}
