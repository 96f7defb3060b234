import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AiProviders } from '@activepieces/pieces-common'
import {
  Application,
  type DeclarationReflection,
  IntrinsicType,
  type ProjectReflection,
  type TypeDocOptions,
} from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'

const COMMON = join(import.meta.dirname, '../../../packages/pieces/community/common')

/** Path of the reference. */
export const REFERENCE = join(COMMON, 'REFERENCE.md')

/**
 * Creates the reference of the library's public names as one Markdown page, from their types and doc comments.
 *
 * @throws Error if a doc comment has a problem, such as a broken link
 */
export async function reference(): Promise<string> {
  const out = await mkdtemp(join(tmpdir(), 'reference-'))
  try {
    const app = await Application.bootstrapWithPlugins({ ...OPTIONS, out })
    const project = await app.convert()
    if (!project) throw new Error('The library has type errors. See the messages above.')
    shortenRegistry(project)
    app.validate(project)
    await app.generateOutputs(project)
    if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('A doc comment has a problem. See the messages above.')
    return HEAD + withoutRegistry(await readFile(join(out, 'README.md'), 'utf8'))
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

/** The registry's inferred type lists all entries in full, which takes pages. */
function shortenRegistry(project: ProjectReflection): void {
  // SAFETY: AiProviders is a variable of the entry point.
  const registry = project.getChildByName('AiProviders') as DeclarationReflection | undefined
  if (registry) registry.type = new IntrinsicType('readonly AiProviderMetadata[]')
}

/** Replaces the list of all provider values with their type, so a new provider does not change the page. */
function withoutRegistry(page: string): string {
  const values = AiProviders.map(({ value }) => `\`"${value}"\``).join(' \\| ')
  return page.replaceAll(values, '[`AiProvider`](#aiprovider)')
}

const HEAD = '<!-- Made from the code by `npm run reference`: change the doc comments instead. -->\n\n'

const OPTIONS: Partial<TypeDocOptions & PluginOptions> = {
  entryPoints: [join(COMMON, 'src/index.ts')],
  tsconfig: join(COMMON, 'tsconfig.json'),
  plugin: ['typedoc-plugin-markdown'],
  name: 'The library: every public name',
  readme: 'none',
  logLevel: 'Warn',
  disableSources: true,
  disableGit: true,
  excludeExternals: true,
  gitRevision: 'main',
  skipErrorChecking: true, // the workspace's newer compiler checks the types
  validation: { notExported: false, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ['Function', 'Class', 'TypeAlias', 'Interface', 'Variable', 'Method'],
  intentionallyNotDocumented: ['AiProviders.__type.factory'],
  router: 'module',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  parametersFormat: 'table',
  propertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  enumMembersFormat: 'table',
}
