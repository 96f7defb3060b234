import Markdown from 'react-markdown'

/**
 * Markdown from outside, such as a model's answer. Images become links: loading one would tell its host whatever the model
 * was led to put into the URL.
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
