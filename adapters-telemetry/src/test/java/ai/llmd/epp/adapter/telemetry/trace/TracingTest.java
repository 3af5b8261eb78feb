package ai.llmd.epp.adapter.telemetry.trace;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.application.port.out.RequestTracer;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.domain.scheduling.handler.StageProfiles;
import com.sun.management.ThreadMXBean;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TracingTest {

  private static final int REQUESTS = 100_000;
  private static final RoutingDecision DECISION =
      new RoutingDecision.Reject(
          RequestLabels.anonymous("id"), Reason.NO_CANDIDATE, "none", Evidence.NONE);
  private static final ResponseSummary RESPONSE =
      new ResponseSummary(Termination.NATURAL, Usage.NONE, false, 1, 0, 1, 2);

  private static Tracing start(Map<String, String> environment) {
    return Tracing.start(
        environment,
        new SpanMeters(new PrometheusRegistry()),
        "1",
        "abc",
        System::nanoTime,
        () -> StageProfiles.DEFAULT);
  }

  /** Bytes that this thread allocates for requests that send no trace context. */
  private static long allocatedBy(RequestTracer tracer) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    follow(tracer); // what is initialized once
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < REQUESTS; i++) {
      follow(tracer);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  private static void follow(RequestTracer tracer) {
    RequestTrace trace = tracer.begin(RequestHeaders.NONE, 1);
    trace.enter();
    trace.decided(DECISION);
    trace.leave();
    trace.responded(RESPONSE);
    trace.end();
  }

  @Test
  void aRequestThatIsNotRecordedAllocatesNothing() {
    Map<String, String> never =
        Map.of("OTEL_TRACES_EXPORTER", "otlp", "OTEL_TRACES_SAMPLER_ARG", "0");
    try (Tracing withoutExporter = start(Map.of());
        Tracing sampledOut = start(never)) {
      assertThat(allocatedBy(RequestTracer.OFF)).isLessThan(REQUESTS);
      assertThat(allocatedBy(withoutExporter)).isLessThan(REQUESTS);
      assertThat(allocatedBy(sampledOut)).isLessThan(REQUESTS);
    }
  }

  @Test
  void everyRequestThatIsNotRecordedHasTheSameTrace() {
    try (Tracing tracing = start(Map.of())) {
      assertThat(tracing.begin(RequestHeaders.NONE, 1))
          .isSameAs(tracing.begin(RequestHeaders.NONE, 2));
    }
  }
}
