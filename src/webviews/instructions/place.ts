/** A place in the text, which stays the same when something above it grows or shrinks. */
export interface Place {
  /** Id of the last heading above the top edge of what is seen; '' before the first. */
  readonly heading: string;
  /** Pixels from that heading (or from the page's top) down to the edge. */
  readonly offset: number;
}

/** Pixels from the top of the page. */
export interface HeadingTop {
  readonly id: string;
  readonly top: number;
}

/** @param headings from top to bottom */
export function placeAt(scrollTop: number, headings: readonly HeadingTop[]): Place {
  const above = headings.findLast(({ top }) => top <= scrollTop);
  return { heading: above?.id ?? '', offset: Math.round(scrollTop - (above?.top ?? 0)) };
}

/** Where to scroll to; the top of the page where the heading is no longer there. */
export function topOf({ heading, offset }: Place, headings: readonly HeadingTop[]): number {
  if (heading === '') return offset;
  const found = headings.find(({ id }) => id === heading);
  return found ? Math.round(found.top + offset) : 0;
}

/**
 * Keeps `main` scrolled to a place while it still grows: texts, states of tasks and fonts come one after the other.
 * It ends with the reader's first own movement.
 * @returns whether it still holds
 */
export function holdPlace(place: Place, main: HTMLElement): () => boolean {
  const released = new AbortController();
  const { signal } = released;
  const goal = (): number => topOf(place, headingsIn(main));
  const highest = (): number => document.documentElement.scrollHeight - innerHeight;
  const go = (): void => scrollTo({ top: goal(), behavior: 'instant' });
  const observer = new ResizeObserver(go);
  observer.observe(main);
  signal.addEventListener('abort', () => observer.disconnect());
  const release = (): void => released.abort();
  for (const input of ['wheel', 'touchstart', 'pointerdown', 'keydown'] as const)
    addEventListener(input, release, { signal, passive: true });
  // A scroll bar that is dragged tells nothing but this.
  const atScroll = (): void => {
    if (goal() <= highest() && Math.abs(scrollY - goal()) > 2) release();
  };
  addEventListener('scroll', atScroll, { signal, passive: true });
  go();
  return () => !signal.aborted;
}

export function headingsIn(main: HTMLElement): HeadingTop[] {
  return [...main.querySelectorAll<HTMLElement>('h1, h2, h3, h4')].map((heading) => ({
    id: heading.id,
    top: heading.getBoundingClientRect().top + scrollY,
  }));
}
