import type { LitElement, ReactiveController } from 'lit';

/** Whether an element is seen, or nearly; what is asked from the editor can wait until then. */
export class InSight implements ReactiveController {
  /** It is in sight now. */
  now = false;
  private readonly observer: IntersectionObserver;

  /** @param onChange called whenever it comes into sight or leaves it */
  constructor(
    private readonly host: LitElement,
    onChange: () => void,
  ) {
    this.observer = new IntersectionObserver(
      (entries) => {
        this.now = entries.some((entry) => entry.isIntersecting);
        onChange();
      },
      { root: document, rootMargin: '300px' }, // In a frame the margin counts for a root that is named.
    );
    host.addController(this);
  }

  hostConnected(): void {
    this.observer.observe(this.host);
  }

  hostDisconnected(): void {
    this.observer.disconnect();
  }
}
