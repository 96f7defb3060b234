import type { GeneratorCallback, Tree } from 'nx/src/devkit-exports'
import { formatted } from './format.ts'
import { decide, type NewProvider, type ProviderOptions } from './options.ts'
import { entriesOf, LOGOS, namesFor, PROVIDERS, REGISTRY, withEntry } from './registry.ts'
import { placeholderLogo, providerFile, registryEntry } from './templates.ts'

/**
 * Adds an AI provider to the workspace: its file, its entry in the registry, and a logo.
 *
 * @returns what to do when the files are written: says the next steps
 * @throws Error that names the option, what came and what is allowed; nothing is written then
 * @example npx nx g @activepieces/ai-provider:provider my-vendor
 */
export async function provider(tree: Tree, options: ProviderOptions): Promise<GeneratorCallback> {
  const decided = decide(options)
  const file = `${PROVIDERS}/${decided.value}.ts`
  const registry = tree.read(REGISTRY, 'utf8')
  if (registry === null) throw new Error(`${REGISTRY} is missing: run this inside the workspace.`)
  refuseTaken(decided, registry)
  if (tree.exists(file)) throw new Error(`name is "${decided.value}", but ${file} is there. Choose another name.`)
  const names = namesFor(decided.value, registry)
  const extended = withEntry(registry, decided.value, names, registryEntry(decided, names))
  tree.write(file, formatted(tree.root, file, providerFile(decided, names)))
  tree.write(REGISTRY, formatted(tree.root, REGISTRY, extended))
  tree.write(`${LOGOS}/${decided.value}.svg`, placeholderLogo(decided.label))
  return () => console.log(nextSteps(decided, file))
}

function refuseTaken({ value, label }: NewProvider, registry: string): void {
  const known = entriesOf(registry)
  for (const [option, field, came] of [
    ['name', 'value', value],
    ['label', 'label', label],
  ] as const) {
    const same = known.find((entry) => entry.field === field && entry.text.toLowerCase() === came.toLowerCase())
    if (!same) continue
    throw new Error(`${option} is "${came}", which is taken: see ${REGISTRY}:${same.line}. Choose another ${option}.`)
  }
}

function nextSteps({ label, value }: NewProvider, file: string): string {
  return `
${label} is registered. Next:

1. Fill in what says TODO, the model ids and the base URL, in ${file}
   and in its entry in ${REGISTRY}.
   Draw its logo in ${LOGOS}/${value}.svg.
2. Run the conformance suite. It fails until everything is filled in:
   npm run conformance -- ${value}
3. Ask it something (packages/pieces/community/common/docs/create-a-provider.md says how to store its key):
   npm start
   npm run ask -- --provider ${value} "Hello"
4. Run what CI runs:
   npm run check
`
}
