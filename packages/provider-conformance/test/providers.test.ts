import { AiProviders } from '@activepieces/pieces-common'
import { describeAiProvider, OPTIONS } from '../src/index.ts'

for (const entry of AiProviders) describeAiProvider(entry, OPTIONS[entry.value])
