import { Fragment, useMemo } from 'react';
import { Link } from 'react-router';
import { isOurs, readMarkdown, type Block, type Inline } from '../model/markdown';
import { visible } from './value';

/** What somebody wrote, with its emphasis and lists. Only text and our own elements come of it; an address stands there to be read, not to be followed: in a SOC it is often the attacker's. */
export function Markdown({ text }: { readonly text: string }) {
  const blocks = useMemo(() => readMarkdown(visible(text)), [text]);
  return <div className="markdown"><Blocks blocks={blocks} /></div>;
}

function Blocks({ blocks }: { readonly blocks: readonly Block[] }) {
  return <>{blocks.map((block, i) => <OneBlock key={i} block={block} />)}</>;
}

function OneBlock({ block }: { readonly block: Block }) {
  switch (block.kind) {
    // No heading of the page: it is a part of somebody's text.
    case 'heading': return <p dir="auto" className="written-head"><Inlines inlines={block.inner} /></p>;
    case 'paragraph': return <p dir="auto"><Inlines inlines={block.inner} /></p>;
    case 'code': return <pre className="code-block">{block.text}</pre>;
    case 'quote': return <blockquote><Blocks blocks={block.blocks} /></blockquote>;
    case 'rule': return <hr />;
    case 'list': {
      const items = block.items.map((item, i) => <li key={i} dir="auto"><Inlines inlines={item} /></li>);
      return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
  }
}

function Inlines({ inlines }: { readonly inlines: readonly Inline[] }) {
  return <>{inlines.map((inline, i) => <Fragment key={i}><OneInline inline={inline} /></Fragment>)}</>;
}

function OneInline({ inline }: { readonly inline: Inline }) {
  switch (inline.kind) {
    case 'text': return <>{inline.text}</>;
    case 'code': return <code>{inline.text}</code>;
    case 'strong': return <strong><Inlines inlines={inline.inner} /></strong>;
    case 'em': return <em><Inlines inlines={inline.inner} /></em>;
    case 'struck': return <s><Inlines inlines={inline.inner} /></s>;
    case 'link': return isOurs(inline.to) ? <Link to={inline.to}><Inlines inlines={inline.inner} /></Link> : <><Inlines inlines={inline.inner} /> <code className="address">{inline.to}</code></>;
  }
}
