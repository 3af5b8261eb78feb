package ai.llmd.epp.sidecar.metrics;

import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.edge.RequestHandler;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts requests, and writes a line for each at level debug: nothing of what they say. */
public final class MeteredHandler implements RequestHandler {

  private static final Logger log = LoggerFactory.getLogger(MeteredHandler.class);

  private final RequestHandler next;
  private final SidecarMeters meters;
  private final Function<Exchange, String> apis;

  /**
   * Before another handler.
   *
   * @param apis one of a few names for each request
   */
  public MeteredHandler(
      RequestHandler next, SidecarMeters meters, Function<Exchange, String> apis) {
    this.next = next;
    this.meters = meters;
    this.apis = apis;
  }

  @Override
  public void handle(Exchange exchange) {
    meters.requestBegan();
    exchange.whenEnded(this::ended);
    next.handle(exchange);
  }

  private void ended(Exchange exchange, boolean isComplete) {
    long nanos = System.nanoTime() - exchange.startNanos();
    String api = apis.apply(exchange);
    String outcome = isComplete ? exchange.status() / 100 + "xx" : "broken_off";
    meters.requestEnded(api, outcome, exchange.answerBytes(), nanos);
    if (log.isDebugEnabled()) {
      log.atDebug()
          .addKeyValue("api", api)
          .addKeyValue("status", exchange.status())
          .addKeyValue("is_complete", isComplete)
          .addKeyValue("bytes", exchange.answerBytes())
          .addKeyValue("ms", nanos / 1_000_000)
          .log("request ended");
    }
  }
}
