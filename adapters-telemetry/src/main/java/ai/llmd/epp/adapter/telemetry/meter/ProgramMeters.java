package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.application.waiting.Breakers;
import ai.llmd.epp.domain.state.SharedState;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The program itself: its build, what it buffers and what it remembers. */
public final class ProgramMeters {

  private final PrometheusRegistry registry;

  public ProgramMeters(PrometheusRegistry registry) {
    this.registry = registry;
  }

  /** Shows which build this is, under both names. */
  public void build(String commit, String buildRef) {
    for (String name : new String[] {"llm_d_epp_info", "inference_extension_info"}) {
      Gauge.builder()
          .name(name)
          .help("[ALPHA] Version of the running build.")
          .labelNames("commit", "build_ref")
          .withoutExemplars()
          .register(registry)
          .labelValues(commit, buildRef)
          .set(1);
    }
  }

  /**
   * Shows what is buffered.
   *
   * @param bytes held in request and response bodies over all streams
   */
  public void buffered(LongSupplier bytes) {
    GaugeWithCallback.builder()
        .name("llm_d_epp_buffered_body_bytes")
        .help("[ALPHA] Bytes of bodies buffered over all streams.")
        .callback(callback -> callback.call((double) bytes.getAsLong()))
        .register(registry);
  }

  /**
   * Shows what the network holds outside of the heap.
   *
   * @param bytes of messages that are not complete, and of answers not yet written
   */
  public void network(LongSupplier bytes) {
    GaugeWithCallback.builder()
        .name("llm_d_epp_network_bytes")
        .help("[ALPHA] Bytes of incomplete messages and of unwritten answers outside of the heap.")
        .callback(callback -> callback.call((double) bytes.getAsLong()))
        .register(registry);
  }

  /**
   * Shows what was given up because a gateway went on too slowly, or brought too much.
   *
   * @param counts by reason; only grow
   */
  public void givenUp(Supplier<Map<String, Long>> counts) {
    CounterWithCallback.builder()
        .name("llm_d_epp_extproc_streams_given_up_total")
        .help(
            "[ALPHA] Streams ended for slow requests, unread answers or want of memory, and"
                + " connections ended for resets.")
        .labelNames("reason")
        .callback(callback -> counts.get().forEach((reason, count) -> callback.call(count, reason)))
        .register(registry);
  }

  /**
   * The certificate of a server.
   *
   * @param server that shows it
   * @param endsAtSeconds since 1970
   * @param refusals only grows
   */
  public record Certificate(
      String server, String file, LongSupplier endsAtSeconds, LongSupplier refusals) {

    private String[] labels() {
      return new String[] {server, file};
    }
  }

  /** Shows when certificates end, and whether new ones could be used. */
  public void certificates(List<Certificate> shown) {
    GaugeWithCallback.builder()
        .name("llm_d_epp_certificate_expiry_timestamp_seconds")
        .help("[ALPHA] When the certificate in use ends, in seconds since 1970.")
        .labelNames("server", "file")
        .callback(
            callback ->
                shown.forEach(
                    one -> callback.call((double) one.endsAtSeconds().getAsLong(), one.labels())))
        .register(registry);
    CounterWithCallback.builder()
        .name("llm_d_epp_certificate_reload_failures_total")
        .help("[ALPHA] New certificates that could not be used; the old one stayed.")
        .labelNames("server", "file")
        .callback(
            callback ->
                shown.forEach(
                    one -> callback.call((double) one.refusals().getAsLong(), one.labels())))
        .register(registry);
  }

  /** Shows how many requests wait for their decision. */
  public void waiting(IntSupplier requests) {
    GaugeWithCallback.builder()
        .name("llm_d_epp_waiting_requests")
        .help("[ALPHA] Requests waiting for their routing decision.")
        .callback(callback -> callback.call(requests.getAsInt()))
        .register(registry);
  }

  /** Shows which steps requests do not wait for, since they keep spending their budgets. */
  public void breakers(Breakers breakers) {
    GaugeWithCallback.builder()
        .name("llm_d_epp_breaker_open")
        .help("[ALPHA] 1 while a step that keeps spending its budget is skipped at once.")
        .labelNames("extension_point", "plugin_type", "plugin_name")
        .callback(
            callback ->
                breakers.status().forEach(one -> callback.call(one.isOpen() ? 1 : 0, labels(one))))
        .register(registry);
    CounterWithCallback.builder()
        .name("llm_d_epp_breaker_skips_total")
        .help("[ALPHA] Decisions that did not wait for a step that keeps spending its budget.")
        .labelNames("extension_point", "plugin_type", "plugin_name")
        .callback(
            callback ->
                breakers
                    .status()
                    .forEach(one -> callback.call((double) one.skipped(), labels(one))))
        .register(registry);
  }

  private static String[] labels(Breakers.Status one) {
    return new String[] {one.extensionPoint(), one.type(), one.name()};
  }

  /**
   * Shows how often a prompt's blocks could not be recorded.
   *
   * @param records only grows
   */
  public void droppedPrefixRecords(LongSupplier records) {
    CounterWithCallback.builder()
        .name("llm_d_epp_prefix_records_dropped_total")
        .help("[ALPHA] Prompts not recorded in the prefix index because its queue was full.")
        .callback(callback -> callback.call((double) records.getAsLong()))
        .register(registry);
  }

  /**
   * Shows how much the shared state holds.
   *
   * @param store what the replicas share it through, as in the configuration
   */
  public void state(String store, SharedState state) {
    GaugeWithCallback.builder()
        .name("llm_d_epp_state_entries")
        .help("[ALPHA] Entries of the shared state.")
        .labelNames("store", "kind")
        .callback(
            callback -> {
              callback.call((double) state.prefixBlocks(), store, "prefix_block");
              callback.call((double) state.boundSessions(), store, "session");
            })
        .register(registry);
    GaugeWithCallback.builder()
        .name("llm_d_epp_state_prefix_bytes")
        .help("[ALPHA] Memory of the prefix indexes.")
        .labelNames("store")
        .callback(callback -> callback.call((double) state.prefixBytes(), store))
        .register(registry);
  }
}
