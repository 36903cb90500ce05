/** Whoever started this process in the background and waits for news of it. A start that nobody waits for any more is given up. */

export interface Starter {
  tell(news: object): void;
  /** Nothing is told any more: who is listened for keeps this process alive. */
  close(): void;
}

export function starter(inBackground: boolean): Starter {
  if (!inBackground || process.send === undefined) return { tell: () => {}, close: () => {} };
  // As a terminal that is closed would: the command ends in order.
  const onGone = () => process.kill(process.pid, 'SIGHUP');
  process.once('disconnect', onGone);
  return {
    tell(news) {
      process.off('disconnect', onGone);
      process.send?.(news, () => process.disconnect?.());
    },
    close() {
      process.off('disconnect', onGone);
      if (process.connected) process.disconnect?.();
    },
  };
}
