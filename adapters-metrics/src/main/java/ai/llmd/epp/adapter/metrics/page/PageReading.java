package ai.llmd.epp.adapter.metrics.page;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Takes in the pages of one endpoint, one after another. One event loop owns it. */
public interface PageReading {

  /** Receives what was missing or unreadable on a page. */
  interface Problems {

    /**
     * One thing that was missing.
     *
     * @param sentence what, for a debug log
     */
    void add(String sentence);

    /**
     * An extractor has had its turn.
     *
     * @param extractor position among those of the source
     */
    void end(int extractor);
  }

  /** A page begins; what was taken of an earlier one is void. */
  void begin();

  /**
   * Takes the next part of the page.
   *
   * @param part only valid during the call
   * @return false when the page cannot be used
   */
  boolean take(ByteBuf part);

  /** The page is complete; false when it cannot be used. */
  boolean end();

  /** Why the page cannot be used; null as long as it can. */
  @Nullable String failure();

  /**
   * Hands on what a complete page had.
   *
   * @return whether that was a sample of the endpoint's load
   */
  boolean publish(Problems problems);
}
