import Markdown from 'react-markdown'

/**
 * Untrusted Markdown, such as a completion. Images become links, because loading one would send its host whatever a prompt
 * injection put into the URL.
 */
export function RichText({ children }: { readonly children: string }) {
  return (
    <Markdown
      components={{
        a: ({ node: _, ...rest }) => <a {...rest} target="_blank" rel="noreferrer" />,
        img: ({ src, alt }) => <ImageLink url={String(src)} text={alt || String(src)} />,
      }}
    >
      {children}
    </Markdown>
  )
}

export function ImageLink({ url, text }: { readonly url: string; readonly text: string }) {
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {text}
    </a>
  )
}
