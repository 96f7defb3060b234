import type { AiProviderMetadata } from '@activepieces/pieces-common'

/** The part of a registry entry that the server needs. */
export type Provider = Omit<AiProviderMetadata, 'factory'>
