package ai.llmd.epp.traces;

/** Counts spans by what became of them. Any thread. */
public interface SpanCounts {

  /** A collector took so many. */
  void exported(int spans);

  /** The exporter lost so many. */
  void failed(int spans);

  /** So many ended while the exporter was behind. */
  void dropped(int spans);
}
