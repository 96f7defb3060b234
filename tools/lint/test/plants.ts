const LIBRARY = 'packages/pieces/community/common'
const AI = `${LIBRARY}/src/lib/ai`
const SERVER = 'packages/server/src'

/** A violation, where it stands, and what Biome has to say of it. */
export interface Plant {
  name: string
  file: string
  code: string
  says: RegExp
}

/** What every file but the walls' own must not do; planted in protocols/shared of the library. */
export const RULES: Plant[] = [
  rule('any', 'export const wrong: any = 1', /noExplicitAny/),
  rule('enum', 'export enum Wrong {\n  A = 1,\n}', /noEnum/),
  rule('default-export', 'export default 1', /noDefaultExport/),
  rule('non-null', "export const wrong = process.env['A']!.length", /noNonNullAssertion/),
  rule('floating', 'async function late() {}\nexport function wrong() {\n  late()\n}', /noFloatingPromises/),
  rule('unused-variable', 'export function wrong() {\n  const unused = 1\n}', /noUnusedVariables/),
  rule('unused-import', "import { join } from 'node:path'", /noUnusedImports/),
  rule(
    'import-type',
    "import { Server } from 'node:http'\n\nexport type Wrong = Server",
    /useImportType|only used as types/,
  ),
  rule('console', "console.log('wrong')", /noConsole/),
  rule('extension', "export * from './any'", /useImportExtensions/),
  rule('cycle-a', "import { b } from './cycle-b.ts'\n\nexport const a = () => b", /noImportCycles/),
  rule('cycle-b', "import { a } from './cycle-a.ts'\n\nexport const b = () => a", /noImportCycles/),
  rule(
    'switch',
    "export function wrong(of: 'a' | 'b') {\n  switch (of) {\n    case 'a':\n      return 1\n  }\n}",
    /useExhaustiveSwitchCases/,
  ),
  rule(
    'complex',
    `export function wrong(n: number) {\n${'  if (n > 1 && n < 9) for (const c of String(n)) if (c) return c\n'.repeat(6)}}`,
    /noExcessiveCognitiveComplexity/,
  ),
  rule('long-function', `export function wrong() {\n${'  wrong()\n'.repeat(81)}}`, /noExcessiveLinesPerFunction/),
  rule('long-file', lines('export const wrong', 351), /noExcessiveLinesPerFile/),
  rule(
    'bare-suppression',
    '// biome-ignore lint/suspicious/noExplicitAny:\nexport const wrong: any = 1',
    /suppressions/,
  ),
  rule('format', "export const wrong = [ 'a' ];", /format/),
]

/** A wall, and an import that it stands against. */
export const WALLS: Plant[] = [
  wall('contract → server', 'packages/contract/src/wall.ts', '@activepieces/server', /The contract is a leaf/),
  wall('contract → SDK', 'packages/contract/src/sdk.ts', 'openai', /The contract is a leaf/),
  wall('piece → server', `${piece()}/wall.ts`, '@activepieces/server', /A piece knows the library/),
  wall('piece → contract', `${piece()}/contract.ts`, '@activepieces/contract', /A piece knows the library/),
  wall('piece → SDK', `${piece()}/sdk.ts`, '@anthropic-ai/sdk', /A piece knows the library/),
  wall(
    'piece → inside of the library',
    `${piece()}/inside.ts`,
    '../../common/src/lib/ai/ai.ts',
    /through what they export/,
  ),
  wall('web → library', 'packages/web/src/wall.ts', '@activepieces/pieces-common', /by the contract/),
  wall('web → SDK', 'packages/web/src/sdk.ts', 'openai/resources', /by the contract/),
  wall('server → piece', 'packages/server/src/wall.ts', '@activepieces/piece-text-ai', /The server knows contract/),
  wall('server → SDK', 'packages/server/src/sdk.ts', 'openai', /The server knows contract/),
  wall('server → inside of the contract', 'packages/server/src/inside.ts', '../../contract/src/a.ts', /they export/),
  wall('platform → auth', `${SERVER}/platform/http/wall.ts`, '../../auth/access.ts', /imports no other layer/),
  wall('platform → server.ts', `${SERVER}/platform/server.ts`, '../server.ts', /imports no other layer/),
  plant(
    'auth → domain, as a type',
    `${SERVER}/auth/wall.ts`,
    "import type { Projects } from '../domain/projects/projects.ts'\n\nexport type Wrong = Projects",
    /auth imports only platform/,
  ),
  wall('domain → proxy', `${SERVER}/domain/usage/wall.ts`, '../../proxy/meter.ts', /domain imports only/),
  wall('domain → Fastify', `${SERVER}/domain/usage/http.ts`, 'fastify', /and no Fastify/),
  plant(
    'domain → api, later',
    `${SERVER}/domain/later.ts`,
    "export const wrong = await import('../api/usage.ts')",
    /domain imports only/,
  ),
  wall('proxy → diagnostics', `${SERVER}/proxy/wall.ts`, '../diagnostics/faults.ts', /proxy imports only/),
  wall('diagnostics → proxy', `${SERVER}/diagnostics/wall.ts`, '../proxy/meter.ts', /diagnostics imports only/),
  wall('api → server.ts', `${SERVER}/api/wall.ts`, '../server.ts', /api does not import the server/),
  wall(
    'suite → server',
    'packages/provider-conformance/src/wall.ts',
    '@activepieces/server',
    /The suite knows the library/,
  ),
  wall('library → contract', `${LIBRARY}/src/index.ts`, '@activepieces/contract', /The library stands left of server/),
  wall('contract → errors', `${AI}/contract/chat.ts`, '../errors/ai-error.ts', /Library layer contract/),
  wall('contract → SDK', `${AI}/contract/media.ts`, 'openai', /Library layer contract/),
  wall('errors → protocols/shared', `${AI}/errors/read.ts`, '../protocols/shared/json.ts', /Library layer errors/),
  wall('errors → server', `${AI}/errors/server.ts`, '@activepieces/server', /Library layer errors/),
  wall('auth-header → ai', `${AI}/auth-header.ts`, './ai.ts', /Library layer auth-header/),
  wall('shared → protocol', `${AI}/protocols/shared/a.ts`, '../gemini/chat.ts', /Library layer protocols\/shared/),
  wall('shared → runtime', `${AI}/protocols/shared/b.ts`, '../../runtime/call.ts', /Library layer protocols\/shared/),
  plant(
    'shared → provider, dynamic',
    `${AI}/protocols/shared/c.ts`,
    "await import('../../providers/openai.ts')",
    /Library layer protocols\/shared/,
  ),
  wall('protocol → protocol', `${AI}/protocols/cohere/chat.ts`, '../gemini/chat.ts', /Library layer protocols\/\*/),
  wall(
    'protocol → provider',
    `${AI}/protocols/cohere/a.ts`,
    '../../providers/openai.ts',
    /Library layer protocols\/\*/,
  ),
  wall('protocol → server', `${AI}/protocols/cohere/b.ts`, '@activepieces/server', /Library layer protocols\/\*/),
  wall('protocol → SDK as a value', `${AI}/protocols/cohere/c.ts`, 'openai', /costs no SDK/),
  wall(
    'openai-compatible → provider',
    `${AI}/protocols/openai-compatible/factory.ts`,
    '../../providers/openai.ts',
    /Library layer protocols\/openai-compatible/,
  ),
  wall('provider → provider', `${AI}/providers/wall.ts`, './openai.ts', /Library layer providers: /),
  wall(
    'provider → provider, the long way',
    `${AI}/providers/a.ts`,
    '../providers/openai.ts',
    /Library layer providers: /,
  ),
  wall('provider → registry', `${AI}/providers/b.ts`, './index.ts', /Library layer providers: /),
  wall('provider → runtime', `${AI}/providers/c.ts`, '../runtime/call.ts', /Library layer providers: /),
  wall('provider → server', `${AI}/providers/d.ts`, '@activepieces/server', /Library layer providers: /),
  plant(
    'provider → SDK as a value',
    `${AI}/providers/sdk.ts`,
    "import { type Anthropic } from '@anthropic-ai/sdk'\n\nexport type Wrong = Anthropic",
    /costs no SDK/,
  ),
  wall(
    'registry → protocol',
    `${AI}/providers/index.ts`,
    '../protocols/gemini/chat.ts',
    /Library layer providers\/index/,
  ),
  wall('runtime → provider', `${AI}/runtime/call.ts`, '../providers/openai.ts', /Library layer runtime/),
  wall('runtime → registry', `${AI}/runtime/a.ts`, '../providers/index.ts', /Library layer runtime/),
  wall('runtime → ai', `${AI}/runtime/b.ts`, '../ai.ts', /Library layer runtime/),
  wall('runtime → SDK', `${AI}/runtime/c.ts`, 'openai', /Library layer runtime/),
  wall('ai → provider file', `${AI}/ai.ts`, './providers/openai.ts', /Library layer ai/),
  wall('ai → pieces', `${AI}/list-models.ts`, './pieces/props.ts', /Library layer ai/),
  wall('pieces → provider file', `${AI}/pieces/props.ts`, '../providers/openai.ts', /Library layer pieces/),
  wall('pieces → index', `${AI}/pieces/a.ts`, '../index.ts', /Library layer pieces/),
  wall('index → provider file', `${AI}/index.ts`, './providers/openai.ts', /Library layer index/),
  wall('new file → outside', `${AI}/outside.ts`, '../../index.ts', /Library layer ai/),
]

/** What the same files may do: nothing is to be said of these. */
export const ALLOWED: Record<string, string> = {
  'packages/contract/src/wall.ts': reexport('zod', './errors.ts'),
  [`${piece()}/wall.ts`]: reexport('@activepieces/pieces-common', '@activepieces/pieces-framework', 'zod'),
  'packages/web/src/wall.ts': reexport('@activepieces/contract'),
  'packages/server/src/wall.ts': reexport('@activepieces/contract', '@activepieces/pieces-common/observe', 'fastify'),
  'packages/provider-conformance/src/wall.ts': reexport('@activepieces/contract', '@activepieces/pieces-common'),
  'packages/server/src/main.ts': "console.log('up')",
  [`${SERVER}/auth/wall.ts`]: reexport('../platform/errors.ts'),
  [`${SERVER}/domain/usage/wall.ts`]: reexport('../../auth/claims.ts', '../../platform/errors.ts'),
  [`${SERVER}/proxy/wall.ts`]: reexport('fastify', '../auth/claims.ts', '../domain/usage/record.ts'),
  [`${SERVER}/diagnostics/wall.ts`]: reexport('../domain/connections/check.ts'),
  [`${SERVER}/api/wall.ts`]: reexport('../diagnostics/faults.ts', '../platform/errors.ts', '../proxy/meter.ts'),
  [`${SERVER}/server.ts`]: reexport('./api/wall.ts'),
  'packages/server/vitest.config.ts': 'export default {}',
  [`${LIBRARY}/src/index.ts`]: reexport('./lib/ai/index.ts'),
  [`${piece()}/contract.ts`]: reexport('node:crypto', './wall.ts'),
  [`${AI}/contract/chat.ts`]: reexport('zod', './model.ts'),
  [`${AI}/errors/read.ts`]: reexport('../contract/errors.ts', './classify.ts'),
  [`${AI}/auth-header.ts`]: reexport('./contract/registry.ts'),
  [`${AI}/protocols/shared/a.ts`]: reexport('node:http', 'zod', '../../contract/chat.ts', '../../errors/read.ts'),
  [`${AI}/protocols/cohere/chat.ts`]: reexport('../../errors/read.ts', '../shared/a.ts', './c.ts'),
  [`${AI}/protocols/cohere/c.ts`]: `import type { OpenAI } from 'openai'\n\nexport const load = async (): Promise<{ OpenAI: typeof OpenAI }> => await import('openai')`,
  [`${AI}/protocols/openai-compatible/factory.ts`]: reexport('../cohere/chat.ts', '../shared/a.ts'),
  [`${AI}/providers/wall.ts`]: reexport('../contract/model.ts', '../errors/read.ts', '../protocols/cohere/chat.ts'),
  [`${AI}/providers/sdk.ts`]: "export type { Anthropic } from '@anthropic-ai/sdk'",
  [`${AI}/providers/index.ts`]: reexport('../auth-header.ts', '../contract/registry.ts', './wall.ts'),
  [`${AI}/runtime/call.ts`]: reexport('../contract/chat.ts', '../errors/read.ts', '../protocols/shared/a.ts', './a.ts'),
  [`${AI}/ai.ts`]: reexport('./errors/read.ts', './providers/index.ts', './runtime/call.ts'),
  [`${AI}/pieces/props.ts`]: reexport('@activepieces/pieces-framework', '../ai.ts', '../providers/index.ts'),
  [`${AI}/index.ts`]: reexport('./ai.ts', './pieces/props.ts', './providers/index.ts', './runtime/call.ts'),
  [`${LIBRARY}/test/free.test.ts`]: reexport('@activepieces/server', 'openai', '../src/lib/ai/providers/wall.ts'),
}

function plant(name: string, file: string, code: string, says: RegExp): Plant {
  return { name, file, code, says }
}

function rule(name: string, code: string, says: RegExp): Plant {
  return plant(name, `${AI}/protocols/shared/${name}.ts`, code, says)
}

function wall(name: string, file: string, target: string, says: RegExp): Plant {
  return plant(name, file, reexport(target), says)
}

function piece(): string {
  return 'packages/pieces/community/text-ai/src'
}

function reexport(...targets: string[]): string {
  return targets.map((target) => `export * from '${target}'`).join('\n')
}

function lines(start: string, count: number): string {
  return Array.from({ length: count }, (_, at) => `${start}${at} = ${at}`).join('\n')
}
