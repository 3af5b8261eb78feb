package ai.llmd.epp.traces.span;

/**
 * Spans that have ended and are queued. They are written when they are exported, by the thread that
 * does so: what they are made of must not change any more, and should be no more than they show.
 */
public interface EndedSpans {

  /** How many {@link #writeTo} writes; 1 or more. */
  int count();

  /** Writes them. Called once at most, by one thread. */
  void writeTo(SpanWriter writer);
}
