package ai.llmd.epp.adapter.tokenizers.jinja;

import java.util.function.Supplier;

/**
 * What one rendering may still do, in units of about one character or one element that is made or
 * looked at. A template is its author's program: without a bound, it could compute for hours or
 * fill the memory. Whatever takes longer for larger values spends before it begins.
 *
 * <p>One thread at a time, for which {@link #during} sets it; ends early when that is interrupted.
 */
final class Effort {

  /** Some seconds; a prompt of a million tokens takes a tenth of it. */
  static final long MAX = 128L << 20;

  /** Of a statement, and of an element that is kept: its object is larger than a character. */
  static final int STEP = 25;

  private static final ScopedValue<Effort> CURRENT = ScopedValue.newInstance();
  private static final int CHECKED_EVERY = 1 << 16;

  private long left;
  private long nextCheck;

  /**
   * @param max units
   */
  Effort(long max) {
    this.left = max;
    this.nextCheck = max - CHECKED_EVERY;
  }

  /** Computes with this as the bound. */
  <T> T during(Supplier<T> computation) {
    return ScopedValue.where(CURRENT, this).call(computation::get);
  }

  /**
   * Takes away from what is left of the rendering on this thread.
   *
   * @throws TemplateException if there is not as much left, or the thread is interrupted
   */
  static void spend(long units) {
    CURRENT.get().take(units);
  }

  /**
   * Takes what a search may cost: in the worst case, each place is compared with all that is
   * wanted.
   */
  static void spendOnSearch(String text, String wanted) {
    spend((long) text.length() * wanted.length() / 64);
  }

  private void take(long units) {
    left -= units;
    if (left < 0) {
      throw new TemplateException("the template does too much");
    }
    if (left < nextCheck) {
      nextCheck = left - CHECKED_EVERY;
      if (Thread.currentThread().isInterrupted()) {
        throw new TemplateException("the template takes too long");
      }
    }
  }
}
