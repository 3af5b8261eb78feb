package ai.llmd.epp.traces.span;

/** What a span shows of the way of a request. */
public enum SpanKind {
  /** A step within the program. */
  INTERNAL,
  /** A request that the program answers. */
  SERVER
}
