/** Timers in order of their due time, ties in the order they were set: a binary heap whose cancelled entries are dropped on the way. */

export interface QueuedTimer {
  readonly at: number;
  readonly order: number;
  action: (() => void) | undefined;
}

export class TimerQueue {
  readonly #heap: QueuedTimer[] = [];
  #order = 0;

  add(at: number, action: () => void): QueuedTimer {
    const timer: QueuedTimer = { at, order: this.#order++, action };
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
    return timer;
  }

  /** When the next timer is due. */
  get next(): number | undefined {
    while (this.#heap[0] !== undefined && this.#heap[0].action === undefined) this.#removeFirst();
    return this.#heap[0]?.at;
  }

  /** Takes the next timer out if it is due at `now`. */
  take(now: number): (() => void) | undefined {
    const next = this.next;
    if (next === undefined || next > now) return undefined;
    const action = this.#heap[0]?.action;
    this.#removeFirst();
    return action;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      let first = index;
      if (left < this.#heap.length && this.#before(left, first)) first = left;
      if (left + 1 < this.#heap.length && this.#before(left + 1, first)) first = left + 1;
      if (first === index) return;
      this.#swap(index, first);
      index = first;
    }
  }

  #before(left: number, right: number): boolean {
    const a = this.#heap[left];
    const b = this.#heap[right];
    if (a === undefined || b === undefined) return false;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  #swap(left: number, right: number): void {
    const a = this.#heap[left];
    const b = this.#heap[right];
    if (a === undefined || b === undefined) return;
    this.#heap[left] = b;
    this.#heap[right] = a;
  }
}
