package ai.llmd.epp.sidecar.metrics;

import java.util.concurrent.atomic.LongAdder;

/** Counts lookups of the names of pods, under the reference's names. Any thread. */
public final class NameMeters {

  private final LongAdder again = new LongAdder();
  private final LongAdder changed = new LongAdder();
  private final LongAdder failed = new LongAdder();

  NameMeters() {}

  /** A name was asked for again. */
  public void askedAgain() {
    again.increment();
  }

  /** It has another number now. */
  public void changed() {
    changed.increment();
  }

  /** It was not found, or not in time. */
  public void failed() {
    failed.increment();
  }

  void writeTo(StringBuilder page) {
    add(page, "moriio_dns_reresolve_total", "Names of pods that were asked for again.", again);
    add(
        page,
        "moriio_dns_ip_changed_total",
        "Names of pods that had another number then.",
        changed);
    add(page, "moriio_dns_lookup_failures_total", "Names of pods that were not found.", failed);
  }

  private static void add(StringBuilder page, String name, String help, LongAdder count) {
    SidecarMeters.add(page, name, "counter", help, count);
  }
}
