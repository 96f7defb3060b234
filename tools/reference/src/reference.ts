import { readFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  Application,
  DeclarationReflection,
  IntrinsicType,
  type ProjectReflection,
  ReflectionKind,
  type TypeDocOptions,
} from 'typedoc'

const COMMON = join(import.meta.dirname, '../../../packages/pieces/community/common')

/** Folder of the built reference. The server serves it at `/docs/library`. */
export const REFERENCE = join(import.meta.dirname, '../dist')

/**
 * Writes the reference of the library's public names as web pages, from their types and doc comments.
 *
 * @param folder is replaced when the pages are complete
 * @throws Error if a public name has no doc comment, or a comment links to nothing
 */
export async function writeReference(folder: string): Promise<void> {
  const out = `${folder}.new-${process.pid}`
  try {
    const app = await Application.bootstrapWithPlugins({ ...OPTIONS, out })
    const project = await app.convert()
    if (!project) throw new Error('The library has type errors. See the messages above.')
    shortenRegistry(project)
    app.validate(project)
    await app.generateOutputs(project)
    if (app.logger.hasErrors() || app.logger.hasWarnings())
      throw new Error('A doc comment has a problem. See the messages above.')
    await rm(folder, { recursive: true, force: true })
    await rename(out, folder)
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

/** Replaces the inferred type of the registry, which repeats all its entries. */
function shortenRegistry(project: ProjectReflection): void {
  const variables = project.getReflectionsByKind(ReflectionKind.Variable)
  const registry = variables.find(({ name }) => name === 'AiProviders')
  if (!(registry instanceof DeclarationReflection)) return
  const entries = project.getReflectionsByKind(ReflectionKind.TypeLiteral).filter(({ parent }) => parent === registry)
  for (const entry of entries) project.removeReflection(entry)
  registry.type = new IntrinsicType('readonly AiProviderMetadata[]')
}

/** The modules that the package exports. */
function entryPoints(): string[] {
  const { exports } = JSON.parse(readFileSync(join(COMMON, 'package.json'), 'utf8'))
  return Object.values<string>(exports).map((file) => join(COMMON, file))
}

const OPTIONS: Partial<TypeDocOptions> = {
  entryPoints: entryPoints(),
  tsconfig: join(COMMON, 'tsconfig.json'),
  name: 'AI library: reference',
  readme: 'none',
  logLevel: 'Warn',
  disableSources: true,
  disableGit: true,
  excludeExternals: true,
  gitRevision: 'main',
  includeHierarchySummary: false,
  hideGenerator: true,
  skipErrorChecking: true, // the workspace's newer compiler checks the types
  validation: { notExported: false, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ['Function', 'Class', 'TypeAlias', 'Interface', 'Variable', 'Method'],
}
