// Files and text that reach the page without a button: dropped or pasted, at
// any time, whatever the page shows.

import type { ReactiveController, ReactiveControllerHost } from 'lit';

export interface Takes {
  /** The first file, and how many came with it. */
  file(file: File, of: number): void;
  text(text: string): void;
}

export class Taker implements ReactiveController {
  /** Whether something is held over the page. */
  dragging = false;

  constructor(
    private host: ReactiveControllerHost,
    private takes: Takes,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener('dragover', this.over);
    addEventListener('dragleave', this.leave);
    addEventListener('drop', this.drop);
    addEventListener('paste', this.paste);
  }

  hostDisconnected(): void {
    removeEventListener('dragover', this.over);
    removeEventListener('dragleave', this.leave);
    removeEventListener('drop', this.drop);
    removeEventListener('paste', this.paste);
  }

  private over = (event: DragEvent): void => {
    event.preventDefault();
    this.set(true);
  };

  private leave = (event: DragEvent): void => {
    if (!event.relatedTarget) this.set(false);
  };

  private drop = (event: DragEvent): void => {
    event.preventDefault();
    this.set(false);
    this.take(event.dataTransfer);
  };

  private paste = (event: ClipboardEvent): void => {
    if ((event.target as Element).closest?.('input, textarea')) return;
    this.take(event.clipboardData);
  };

  private set(dragging: boolean): void {
    if (dragging === this.dragging) return;
    this.dragging = dragging;
    this.host.requestUpdate();
  }

  private take(data: DataTransfer | null): void {
    const file = data?.files[0];
    const text = data?.getData('text/plain') ?? '';
    if (file) this.takes.file(file, data?.files.length ?? 1);
    else if (text.trim()) this.takes.text(text);
  }
}
