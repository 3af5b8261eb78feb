package ai.llmd.epp.sidecar.trace;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.Chats;
import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.edge.InFlight;
import ai.llmd.epp.sidecar.edge.Listener;
import ai.llmd.epp.sidecar.metrics.SidecarMeters;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import com.sun.management.ThreadMXBean;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // no test waits for the end of threads
class SidecarTracerTest {

  private static final int REQUESTS = 100_000;
  private static final ConnectorNames NAMES = new ConnectorNames("nixlv2", "", false, false, false);
  private static final String UNSAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

  private static SidecarTracer start() {
    return SidecarTracer.start(
        Map.of("OTEL_TRACES_EXPORTER", "otlp", "OTEL_TRACES_SAMPLER_ARG", "0"),
        new SidecarMeters().spans(),
        NAMES,
        "1");
  }

  /** Bytes that the connection's thread allocates for requests like this one. */
  private static long allocatedBy(SidecarTracer tracer, Exchange exchange) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    HttpHeaders headers = new DefaultHttpHeaders();
    follow(tracer, exchange, headers); // what is initialized once
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < REQUESTS; i++) {
      follow(tracer, exchange, headers);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  private static void follow(SidecarTracer tracer, Exchange exchange, HttpHeaders headers) {
    CallTrace trace = tracer.begin(exchange);
    trace.forwarding("chat_completions", "/v1/chat/completions");
    trace.handOn(headers);
    trace.prefill("10.0.0.1:8000", headers, false).answered(200);
    trace.decode("10.0.0.1:8000", true, false).handOn(headers);
  }

  private static List<Long> allocated(String... headers) throws Exception {
    List<Long> allocated = new CopyOnWriteArrayList<>();
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try (SidecarTracer sampledOut = start();
        Listener listener =
            Listener.open(
                0,
                loops,
                NioServerSocketChannel.class,
                null,
                exchange -> {
                  allocated.add(allocatedBy(SidecarTracer.OFF, exchange));
                  allocated.add(allocatedBy(sampledOut, exchange));
                  ErrorAnswer.plain(200, "").to(exchange);
                },
                new InFlight())) {
      Chats.chat(listener.port(), headers);
    } finally {
      loops.shutdownGracefully();
    }
    return new ArrayList<>(allocated);
  }

  @Test
  void aRequestThatIsNotRecordedAllocatesNothing() throws Exception {
    assertThat(allocated()).hasSize(2).allMatch(bytes -> bytes < REQUESTS);
    assertThat(allocated("traceparent", UNSAMPLED)).hasSize(2).allMatch(bytes -> bytes < REQUESTS);
  }

  @Test
  void withoutAnExporterNothingIsRecorded() {
    SidecarMeters meters = new SidecarMeters();

    assertThat(SidecarTracer.start(Map.of(), meters.spans(), NAMES, "1"))
        .isSameAs(SidecarTracer.OFF);
    assertThat(meters.page()).contains("llm_d_sidecar_trace_spans_total{outcome=\"dropped\"} 0\n");
  }
}
