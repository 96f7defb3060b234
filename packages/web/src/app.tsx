import { Loader, MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Redirect, Route, Switch } from 'wouter'
import { ApiFailure } from './api/client.ts'
import { Shell } from './layout/shell.tsx'
import { ProvidersScreen } from './providers/providers-screen.tsx'
import { Gate } from './sign-in/gate.tsx'
import { STRINGS } from './strings.ts'
import { theme, variables } from './theme.ts'

/** What is not shown at first is loaded when it is. */
const StepScreen = lazy(async () => ({ default: (await import('./step/step-screen.tsx')).StepScreen }))
const UsageScreen = lazy(async () => ({ default: (await import('./usage/usage-screen.tsx')).UsageScreen }))
const ProjectsScreen = lazy(async () => ({ default: (await import('./projects/projects-screen.tsx')).ProjectsScreen }))
const AuditScreen = lazy(async () => ({ default: (await import('./audit/audit-screen.tsx')).AuditScreen }))

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refuses it refuses again; what did not arrive is tried once more.
      retry: (failures, error) => failures < 1 && error instanceof ApiFailure && error.status === 0,
      refetchOnWindowFocus: false,
    },
  },
})

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <Gate>
          <Shell>
            <Suspense fallback={<Loader role="status" aria-label={STRINGS.loading} />}>
              <Switch>
                <Route path="/providers" component={ProvidersScreen} />
                <Route path="/step" component={StepScreen} />
                <Route path="/usage" component={UsageScreen} />
                <Route path="/projects" component={ProjectsScreen} />
                <Route path="/audit" component={AuditScreen} />
                <Route>
                  <Redirect to="/providers" />
                </Route>
              </Switch>
            </Suspense>
          </Shell>
        </Gate>
      </QueryClientProvider>
    </MantineProvider>
  )
}
