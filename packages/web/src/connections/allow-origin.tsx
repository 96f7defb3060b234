import { ROUTES } from '@activepieces/contract'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { ApiFailure, call } from '../api/client.ts'
import { STRINGS } from '../strings.ts'

type Props = { readonly error: Error; readonly baseUrl: string; readonly onAllowed: () => void }

/** Where an address is refused because it is not public: the admin may allow its origin, and nothing else is allowed by it. */
export function AllowOrigin({ error, baseUrl, onAllowed }: Props) {
  const allow = useMutation({
    mutationFn: (origin: string) => call<void>(ROUTES.allowedOrigins, { body: { origin } }),
    onSuccess: onAllowed,
  })
  if (!(error instanceof ApiFailure) || !isAboutAddress(error) || !URL.canParse(baseUrl)) return null
  const { origin } = new URL(baseUrl)
  return (
    <>
      <Button size="xs" variant="default" loading={allow.isPending} onClick={() => allow.mutate(origin)}>
        {STRINGS.connect.allowOrigin(origin)}
      </Button>
      {allow.error?.message}
    </>
  )
}

function isAboutAddress({ code, message }: ApiFailure): boolean {
  return code === 'address-refused' || message.includes('AP_ALLOWED_ORIGINS')
}
