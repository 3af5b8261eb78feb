package ai.llmd.epp.application.waiting;

/**
 * A result that is not there yet. Awaited once, on a virtual thread, in straight-line code. One
 * that is never awaited holds nothing.
 */
@FunctionalInterface
public interface Wait<T> {

  /**
   * Returns the result when it is there.
   *
   * @throws InterruptedException when the result is not wanted any more: the client has left, the
   *     budget is spent or the program stops
   */
  T await() throws InterruptedException;
}
