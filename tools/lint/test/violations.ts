const LIBRARY = 'packages/pieces/community/common'
const AI = `${LIBRARY}/src/lib/ai`
const SERVER = 'packages/server/src'

/** Code that breaks a rule, the file it is written to, and the message that Biome must report. */
export interface Violation {
  name: string
  file: string
  code: string
  reports: RegExp
}

/** Violations of the rules for all files, written to protocols/shared of the library. */
export const RULES: Violation[] = [
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

/** Imports that the boundaries forbid. */
export const BOUNDARIES: Violation[] = [
  boundary('contract → server', 'packages/contract/src/boundary.ts', '@activepieces/server', /The contract is a leaf/),
  boundary('contract → SDK', 'packages/contract/src/sdk.ts', 'openai', /The contract is a leaf/),
  boundary('piece → server', `${piece()}/boundary.ts`, '@activepieces/server', /A piece imports only the library/),
  boundary('piece → contract', `${piece()}/contract.ts`, '@activepieces/contract', /A piece imports only the library/),
  boundary('piece → SDK', `${piece()}/sdk.ts`, '@anthropic-ai/sdk', /A piece imports only the library/),
  boundary(
    'piece → inside of the library',
    `${piece()}/inside.ts`,
    '../../common/src/lib/ai/ai.ts',
    /through their exports/,
  ),
  boundary(
    'web → library',
    'packages/web/src/boundary.ts',
    '@activepieces/pieces-common',
    /The console imports the contract/,
  ),
  boundary('web → SDK', 'packages/web/src/sdk.ts', 'openai/resources', /The console imports the contract/),
  boundary(
    'server → piece',
    'packages/server/src/boundary.ts',
    '@activepieces/piece-text-ai',
    /The server imports contract/,
  ),
  boundary('server → SDK', 'packages/server/src/sdk.ts', 'openai', /The server imports contract/),
  boundary(
    'server → inside of the contract',
    'packages/server/src/inside.ts',
    '../../contract/src/a.ts',
    /through their exports/,
  ),
  boundary('platform → auth', `${SERVER}/platform/http/boundary.ts`, '../../auth/access.ts', /imports no other layer/),
  boundary('platform → server.ts', `${SERVER}/platform/server.ts`, '../server.ts', /imports no other layer/),
  violation(
    'auth → domain, as a type',
    `${SERVER}/auth/boundary.ts`,
    "import type { Projects } from '../domain/projects/projects.ts'\n\nexport type Wrong = Projects",
    /auth imports only platform/,
  ),
  boundary('domain → proxy', `${SERVER}/domain/usage/boundary.ts`, '../../proxy/meter.ts', /domain imports only/),
  boundary('domain → Fastify', `${SERVER}/domain/usage/http.ts`, 'fastify', /and no Fastify/),
  violation(
    'domain → api, dynamic',
    `${SERVER}/domain/dynamic.ts`,
    "export const wrong = await import('../api/usage.ts')",
    /domain imports only/,
  ),
  boundary('proxy → diagnostics', `${SERVER}/proxy/boundary.ts`, '../diagnostics/faults.ts', /proxy imports only/),
  boundary('diagnostics → proxy', `${SERVER}/diagnostics/boundary.ts`, '../proxy/meter.ts', /diagnostics imports only/),
  boundary('api → server.ts', `${SERVER}/api/boundary.ts`, '../server.ts', /api does not import the server/),
  boundary(
    'suite → server',
    'packages/provider-conformance/src/boundary.ts',
    '@activepieces/server',
    /The suite imports the library/,
  ),
  boundary(
    'library → contract',
    `${LIBRARY}/src/index.ts`,
    '@activepieces/contract',
    /The library does not import server/,
  ),
  boundary('contract → errors', `${AI}/contract/chat.ts`, '../errors/ai-error.ts', /Library layer contract/),
  boundary('contract → SDK', `${AI}/contract/media.ts`, 'openai', /Library layer contract/),
  boundary('errors → protocols/shared', `${AI}/errors/read.ts`, '../protocols/shared/json.ts', /Library layer errors/),
  boundary('errors → server', `${AI}/errors/server.ts`, '@activepieces/server', /Library layer errors/),
  boundary('auth-header → ai', `${AI}/auth-header.ts`, './ai.ts', /Library layer auth-header/),
  boundary('shared → protocol', `${AI}/protocols/shared/a.ts`, '../gemini/chat.ts', /Library layer protocols\/shared/),
  boundary(
    'shared → runtime',
    `${AI}/protocols/shared/b.ts`,
    '../../runtime/call.ts',
    /Library layer protocols\/shared/,
  ),
  violation(
    'shared → provider, dynamic',
    `${AI}/protocols/shared/c.ts`,
    "await import('../../providers/openai.ts')",
    /Library layer protocols\/shared/,
  ),
  boundary('protocol → protocol', `${AI}/protocols/cohere/chat.ts`, '../gemini/chat.ts', /Library layer protocols\/\*/),
  boundary(
    'protocol → provider',
    `${AI}/protocols/cohere/a.ts`,
    '../../providers/openai.ts',
    /Library layer protocols\/\*/,
  ),
  boundary('protocol → server', `${AI}/protocols/cohere/b.ts`, '@activepieces/server', /Library layer protocols\/\*/),
  boundary('protocol → SDK as a value', `${AI}/protocols/cohere/c.ts`, 'openai', /must not load an SDK/),
  boundary(
    'openai-compatible → provider',
    `${AI}/protocols/openai-compatible/factory.ts`,
    '../../providers/openai.ts',
    /Library layer protocols\/openai-compatible/,
  ),
  boundary('provider → provider', `${AI}/providers/boundary.ts`, './openai.ts', /Library layer providers: /),
  boundary(
    'provider → provider, by another path',
    `${AI}/providers/a.ts`,
    '../providers/openai.ts',
    /Library layer providers: /,
  ),
  boundary('provider → registry', `${AI}/providers/b.ts`, './index.ts', /Library layer providers: /),
  boundary('provider → runtime', `${AI}/providers/c.ts`, '../runtime/call.ts', /Library layer providers: /),
  boundary('provider → server', `${AI}/providers/d.ts`, '@activepieces/server', /Library layer providers: /),
  violation(
    'provider → SDK as a value',
    `${AI}/providers/sdk.ts`,
    "import { type Anthropic } from '@anthropic-ai/sdk'\n\nexport type Wrong = Anthropic",
    /must not load an SDK/,
  ),
  boundary(
    'registry → protocol',
    `${AI}/providers/index.ts`,
    '../protocols/gemini/chat.ts',
    /Library layer providers\/index/,
  ),
  boundary('runtime → provider', `${AI}/runtime/call.ts`, '../providers/openai.ts', /Library layer runtime/),
  boundary('runtime → registry', `${AI}/runtime/a.ts`, '../providers/index.ts', /Library layer runtime/),
  boundary('runtime → ai', `${AI}/runtime/b.ts`, '../ai.ts', /Library layer runtime/),
  boundary('runtime → SDK', `${AI}/runtime/c.ts`, 'openai', /Library layer runtime/),
  boundary('ai → provider file', `${AI}/ai.ts`, './providers/openai.ts', /Library layer ai/),
  boundary('ai → pieces', `${AI}/list-models.ts`, './pieces/props.ts', /Library layer ai/),
  boundary('pieces → provider file', `${AI}/pieces/props.ts`, '../providers/openai.ts', /Library layer pieces/),
  boundary('pieces → index', `${AI}/pieces/a.ts`, '../index.ts', /Library layer pieces/),
  boundary('index → provider file', `${AI}/index.ts`, './providers/openai.ts', /Library layer index/),
  boundary('new file → outside', `${AI}/outside.ts`, '../../index.ts', /Library layer ai/),
]

/** Imports that the boundaries allow in the same files. */
export const ALLOWED: Record<string, string> = {
  'packages/contract/src/boundary.ts': reexport('zod', './errors.ts'),
  [`${piece()}/boundary.ts`]: reexport('@activepieces/pieces-common', '@activepieces/pieces-framework', 'zod'),
  'packages/web/src/boundary.ts': reexport('@activepieces/contract'),
  'packages/server/src/boundary.ts': reexport(
    '@activepieces/contract',
    '@activepieces/pieces-common/observe',
    'fastify',
  ),
  'packages/provider-conformance/src/boundary.ts': reexport('@activepieces/contract', '@activepieces/pieces-common'),
  'packages/server/src/main.ts': "console.log('started')",
  [`${SERVER}/auth/boundary.ts`]: reexport('../platform/errors.ts'),
  [`${SERVER}/domain/usage/boundary.ts`]: reexport('../../auth/claims.ts', '../../platform/errors.ts'),
  [`${SERVER}/proxy/boundary.ts`]: reexport('fastify', '../auth/claims.ts', '../domain/usage/record.ts'),
  [`${SERVER}/diagnostics/boundary.ts`]: reexport('../domain/connections/check.ts'),
  [`${SERVER}/api/boundary.ts`]: reexport('../diagnostics/faults.ts', '../platform/errors.ts', '../proxy/meter.ts'),
  [`${SERVER}/server.ts`]: reexport('./api/boundary.ts'),
  'packages/server/vitest.config.ts': 'export default {}',
  [`${LIBRARY}/src/index.ts`]: reexport('./lib/ai/index.ts'),
  [`${piece()}/contract.ts`]: reexport('node:crypto', './boundary.ts'),
  [`${AI}/contract/chat.ts`]: reexport('zod', './model.ts'),
  [`${AI}/errors/read.ts`]: reexport('../contract/errors.ts', './classify.ts'),
  [`${AI}/auth-header.ts`]: reexport('./contract/registry.ts'),
  [`${AI}/protocols/shared/a.ts`]: reexport('node:http', 'zod', '../../contract/chat.ts', '../../errors/read.ts'),
  [`${AI}/protocols/cohere/chat.ts`]: reexport('../../errors/read.ts', '../shared/a.ts', './c.ts'),
  [`${AI}/protocols/cohere/c.ts`]: `import type { OpenAI } from 'openai'\n\nexport const load = async (): Promise<{ OpenAI: typeof OpenAI }> => await import('openai')`,
  [`${AI}/protocols/openai-compatible/factory.ts`]: reexport('../cohere/chat.ts', '../shared/a.ts'),
  [`${AI}/providers/boundary.ts`]: reexport('../contract/model.ts', '../errors/read.ts', '../protocols/cohere/chat.ts'),
  [`${AI}/providers/sdk.ts`]: "export type { Anthropic } from '@anthropic-ai/sdk'",
  [`${AI}/providers/index.ts`]: reexport('../auth-header.ts', '../contract/registry.ts', './boundary.ts'),
  [`${AI}/runtime/call.ts`]: reexport('../contract/chat.ts', '../errors/read.ts', '../protocols/shared/a.ts', './a.ts'),
  [`${AI}/ai.ts`]: reexport('./errors/read.ts', './providers/index.ts', './runtime/call.ts'),
  [`${AI}/pieces/props.ts`]: reexport('@activepieces/pieces-framework', '../ai.ts', '../providers/index.ts'),
  [`${AI}/index.ts`]: reexport('./ai.ts', './pieces/props.ts', './providers/index.ts', './runtime/call.ts'),
  [`${LIBRARY}/test/free.test.ts`]: reexport('@activepieces/server', 'openai', '../src/lib/ai/providers/boundary.ts'),
}

function violation(name: string, file: string, code: string, reports: RegExp): Violation {
  return { name, file, code, reports }
}

function rule(name: string, code: string, reports: RegExp): Violation {
  return violation(name, `${AI}/protocols/shared/${name}.ts`, code, reports)
}

function boundary(name: string, file: string, target: string, reports: RegExp): Violation {
  return violation(name, file, reexport(target), reports)
}

function piece(): string {
  return 'packages/pieces/community/text-ai/src'
}

function reexport(...targets: string[]): string {
  return targets.map((target) => `export * from '${target}'`).join('\n')
}

function lines(start: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `${start}${index} = ${index}`).join('\n')
}
