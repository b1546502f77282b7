import { html, nothing, type TemplateResult } from 'lit';
import type { Block, Inline, InstructionAction, LinkTarget, TableRow } from '../../protocol/instructions';
import { icon, type IconName } from '../shared/icon';
import { codeBlock } from './code-block';
import { textButton } from './text-button';

/** What text in the instructions can ask for. */
export interface Followed {
  act(action: InstructionAction): void;
  openFile(path: string, line: number | null): void;
  copy(text: string): void;
}

type Drawn = TemplateResult | typeof nothing;

const ACTION_ICONS: Readonly<Record<InstructionAction['action'], IconName>> = {
  fineTune: 'play',
  compare: 'chart',
  check: 'pass',
  solution: 'diff',
  hint: 'hint',
  openTask: 'code',
  handIn: 'report',
};

export function drawBlocks(blocks: readonly Block[], followed: Followed): TemplateResult[] {
  return blocks.map((block) => drawBlock(block, followed));
}

export function drawBlock(block: Block, followed: Followed): TemplateResult {
  const inlines = (children: readonly Inline[]): Drawn[] => drawInlines(children, followed);
  switch (block.type) {
    case 'heading':
      return heading(block.level, block.id, inlines(block.children));
    case 'paragraph':
      return html`<p>${inlines(block.children)}</p>`;
    case 'code':
      return codeBlock(block.text, (text) => followed.copy(text));
    case 'list': {
      const items = block.items.map((item) => html`<li>${item.map((one) => listPart(one, followed))}</li>`);
      return block.ordered
        ? html`<ol start=${block.start}>
            ${items}
          </ol>`
        : html`<ul>
            ${items}
          </ul>`;
    }
    case 'quote':
      return html`<blockquote>${drawBlocks(block.blocks, followed)}</blockquote>`;
    case 'table':
      return table(block.head, block.rows, followed);
    case 'rule':
      return html`<hr />`;
  }
}

/** The lines of a list stand close together. */
function listPart(block: Block, followed: Followed): TemplateResult {
  return block.type === 'paragraph'
    ? html`<div>${drawInlines(block.children, followed)}</div>`
    : drawBlock(block, followed);
}

function heading(level: 1 | 2 | 3 | 4 | 5 | 6, id: string, words: Drawn[]): TemplateResult {
  switch (level) {
    case 1:
      return html`<h1 id=${id}>${words}</h1>`;
    case 2:
      return html`<h2 id=${id}>${words}</h2>`;
    case 3:
      return html`<h3 id=${id}>${words}</h3>`;
    default:
      return html`<h4 id=${id}>${words}</h4>`;
  }
}

function table(head: TableRow, rows: readonly TableRow[], followed: Followed): TemplateResult {
  const cells = (row: TableRow, isHead: boolean): TemplateResult[] =>
    row.cells.map(({ align, children }) => {
      const words = drawInlines(children, followed);
      const className = align ?? 'left';
      return isHead
        ? html`<th scope="col" class=${className}>${words}</th>`
        : html`<td class=${className}>${words}</td>`;
    });
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Table">
    <table>
      <thead>
        <tr>
          ${cells(head, true)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr id=${row.id ?? nothing}>
              ${cells(row, false)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function drawInlines(inlines: readonly Inline[], followed: Followed): Drawn[] {
  return inlines.map((one) => drawInline(one, followed));
}

function drawInline(inline: Inline, followed: Followed): Drawn {
  const inside = (children: readonly Inline[]): Drawn[] => drawInlines(children, followed);
  switch (inline.type) {
    case 'text':
      return html`${inline.text}`;
    case 'code':
      return html`<code>${inline.text}</code>`;
    case 'break':
      return html`<br />`;
    case 'emphasis':
      return html`<em>${inside(inline.children)}</em>`;
    case 'strong':
      return html`<strong>${inside(inline.children)}</strong>`;
    case 'strikethrough':
      return html`<s>${inside(inline.children)}</s>`;
    case 'picture':
      return html`<img src=${inline.address} alt=${inline.alt} />`;
    case 'link':
      return link(inline.target, inside(inline.children), followed);
  }
}

function link(target: LinkTarget, words: Drawn[], followed: Followed): TemplateResult {
  switch (target.kind) {
    case 'action': {
      const { action } = target;
      const content = html`${icon(ACTION_ICONS[action.action])}${words}`;
      return textButton('button', 'action', () => followed.act(action), content);
    }
    case 'file':
      return textButton('link', 'file', () => followed.openFile(target.path, target.line ?? null), words);
    case 'place':
      return html`<a href=${`#${target.id}`}>${words}</a>`;
    case 'outside':
      // VS Code asks before it opens one.
      return html`<a href=${target.url} rel="noreferrer">${words}${icon('outside')}</a>`;
  }
}
