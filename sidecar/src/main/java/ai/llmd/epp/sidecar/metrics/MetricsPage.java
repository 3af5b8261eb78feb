package ai.llmd.epp.sidecar.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.edge.RequestHandler;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** Answers {@code /metrics} on a port of its own. */
public final class MetricsPage implements RequestHandler {

  private static final byte[] NOTHING = {};

  private final SidecarMeters meters;

  public MetricsPage(SidecarMeters meters) {
    this.meters = meters;
  }

  @Override
  public void handle(Exchange exchange) {
    boolean isPage = exchange.request().uri().equals("/metrics");
    byte[] body = isPage ? meters.page().getBytes(UTF_8) : NOTHING;
    HttpResponse head =
        new DefaultHttpResponse(
            HttpVersion.HTTP_1_1, isPage ? HttpResponseStatus.OK : HttpResponseStatus.NOT_FOUND);
    head.headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    exchange.answer(head, body);
  }
}
