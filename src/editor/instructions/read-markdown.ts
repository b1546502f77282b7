import MarkdownIt, { type MarkdownIt as Parser, type Token } from 'markdown-it';
import type { ExerciseFile } from '../../protocol/exercise';
import type { Block, Inline, TableCell, TableRow } from '../../protocol/instructions';
import { linkTarget, picturePath } from './links';

/** Longer texts end here: it is the extension host that reads them, and some texts take time with the square of their length. */
export const LONGEST = 50_000;

type Exercise = Pick<ExerciseFile, 'entry' | 'tasks'>;
interface Node {
  readonly token: Token;
  readonly children: readonly Node[];
}

/**
 * A README as blocks of text. Markup that it holds is text as well; where links and pictures lead is decided here.
 * @param addressOf from a picture's path in the exercise's folder to an address that the view may load
 */
export function readMarkdown(
  text: string,
  exercise: Exercise,
  addressOf: (path: string) => string,
): { blocks: Block[]; shortened: boolean } {
  const shortened = text.length > LONGEST;
  const tokens = parser().parse(shortened ? text.slice(0, LONGEST) : text, {});
  return { blocks: new Reader(exercise, addressOf).blocks(nested(tokens)), shortened };
}

function parser(): Parser {
  const markdown = new MarkdownIt({ html: false, linkify: false });
  markdown.validateLink = () => true; // `linkTarget` and `picturePath` judge, and leave the words where they refuse.
  return markdown;
}

/** markdown-it tells of beginnings and ends; here each has its contents inside. */
function nested(tokens: readonly Token[]): Node[] {
  const open: Node[][] = [[]];
  for (const token of tokens) {
    const siblings = open.at(-1);
    if (token.nesting === -1) {
      open.pop();
      continue;
    }
    const children: Node[] = [];
    siblings?.push({ token, children });
    if (token.nesting === 1) open.push(children);
  }
  return open[0] ?? [];
}

class Reader {
  private readonly ids = new Map<string, number>();
  private readonly begun = new Set<string>();

  constructor(
    private readonly exercise: Exercise,
    private readonly addressOf: (path: string) => string,
  ) {}

  blocks(nodes: readonly Node[]): Block[] {
    return nodes.flatMap((node) => this.block(node));
  }

  private block(node: Node): Block | readonly Block[] {
    const { token, children } = node;
    switch (token.type) {
      case 'heading_open':
        return this.heading(node);
      case 'paragraph_open':
        return { type: 'paragraph', children: this.inlinesOf(node) };
      case 'fence':
      case 'code_block':
        return { type: 'code', language: token.info.trim().split(/\s/)[0] ?? '', text: token.content };
      case 'bullet_list_open':
      case 'ordered_list_open':
        return {
          type: 'list',
          ordered: token.type === 'ordered_list_open',
          start: Number(attribute(token, 'start') ?? 1),
          items: children.map((item) => this.blocks(item.children)),
        };
      case 'blockquote_open':
        return { type: 'quote', blocks: this.blocks(children) };
      case 'table_open':
        return this.table(node);
      case 'hr':
        return { type: 'rule' };
      default:
        return this.blocks(children);
    }
  }

  private heading(node: Node): Block {
    const children = this.inlinesOf(node);
    const words = plainText(children);
    const level = Number(node.token.tag.slice(1)) as 1 | 2 | 3 | 4 | 5 | 6;
    const task = this.taskOf(words);
    const id = this.uniqueId(slug(words));
    return { type: 'heading', level, id, ...(task === undefined ? {} : { task }), children };
  }

  /** "Task 2: …" begins the second task of the exercise. */
  private taskOf(words: string): string | undefined {
    const number = /^Task (\d{1,3})\b/.exec(words)?.[1];
    const id = number === undefined ? undefined : this.exercise.tasks[Number(number) - 1]?.id;
    if (id === undefined || this.begun.has(id)) return undefined;
    this.begun.add(id);
    return id;
  }

  private table({ children }: Node): Block {
    const rows = children.flatMap((part) => part.children.map((row) => this.row(row)));
    const [head = { cells: [] }, ...body] = rows;
    return { type: 'table', head: { cells: head.cells }, rows: body };
  }

  private row({ children }: Node): TableRow {
    const cells = children.map((cell) => this.cell(cell));
    const [first, ...others] = cells[0]?.children ?? [];
    const named = first?.type === 'code' && others.length === 0 ? first.text : undefined;
    return { ...(named === undefined ? {} : { id: this.uniqueId(slug(named)) }), cells };
  }

  private cell(node: Node): TableCell {
    const align = /text-align:(left|center|right)/.exec(attribute(node.token, 'style') ?? '')?.[1];
    const children = this.inlinesOf(node);
    return align === undefined ? { children } : { align: align as 'left' | 'center' | 'right', children };
  }

  private inlinesOf({ children }: Node): Inline[] {
    return children.flatMap(({ token }) => this.inlines(nested(token.children ?? [])));
  }

  private inlines(nodes: readonly Node[]): Inline[] {
    return nodes.flatMap((node) => this.inline(node));
  }

  private inline({ token, children }: Node): Inline | readonly Inline[] {
    switch (token.type) {
      case 'text':
        return { type: 'text', text: token.content };
      case 'softbreak':
        return { type: 'text', text: ' ' };
      case 'hardbreak':
        return { type: 'break' };
      case 'code_inline':
        return { type: 'code', text: token.content };
      case 'em_open':
        return { type: 'emphasis', children: this.inlines(children) };
      case 'strong_open':
        return { type: 'strong', children: this.inlines(children) };
      case 's_open':
        return { type: 'strikethrough', children: this.inlines(children) };
      case 'link_open': {
        const target = linkTarget(attribute(token, 'href') ?? '', this.exercise);
        const words = this.inlines(children);
        return target ? { type: 'link', target, children: words } : words;
      }
      case 'image': {
        const path = picturePath(attribute(token, 'src') ?? '');
        const alt = token.content;
        return path === undefined
          ? { type: 'text', text: alt }
          : { type: 'picture', address: this.addressOf(path), alt };
      }
      default:
        return token.content === '' ? this.inlines(children) : { type: 'text', text: token.content };
    }
  }

  /** As GitHub does: the second "Hints" is `hints-1`. */
  private uniqueId(wanted: string): string {
    const before = this.ids.get(wanted) ?? 0;
    this.ids.set(wanted, before + 1);
    return before === 0 ? wanted : `${wanted}-${before}`;
  }
}

/** The text that a heading is linked by. */
function slug(words: string): string {
  const plain = words.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '');
  return plain.trim().replaceAll(/\s/g, '-') || 'section';
}

function plainText(inlines: readonly Inline[]): string {
  return inlines
    .map((one) => ('text' in one ? one.text : 'children' in one ? plainText(one.children) : ''))
    .join('');
}

function attribute(token: Token, name: string): string | undefined {
  const value = token.attrs?.find(([key]) => key === name)?.[1];
  return value === undefined ? undefined : String(value);
}
