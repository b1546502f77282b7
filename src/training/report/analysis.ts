import MarkdownIt from 'markdown-it';
import { Html } from './html';

/** Nothing in it is markup, and nothing is loaded: pictures become their description, addresses stay text. */
const markdown = new MarkdownIt({ html: false, linkify: false }).disable(['image', 'link', 'autolink']);

/** The learner's text; its headings go one level down, below those of the report. */
export function analysisSection(text: string): Html {
  const tokens = markdown.parse(text.replaceAll(/<!--[\s\S]*?-->/g, ''), {});
  for (const token of tokens)
    if (token.type === 'heading_open' || token.type === 'heading_close')
      token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + 1)}`;
  return new Html(
    `<section class="analysis">${markdown.renderer.render(tokens, markdown.options, {})}</section>`,
  );
}
