package ai.llmd.epp.sidecar.trace;

import ai.llmd.epp.traces.TraceParent;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/** The headers that carry the context of a trace: W3C Trace Context and Baggage. */
public final class TraceHeaders {

  private static final List<String> NAMES =
      List.of(TraceParent.HEADER, TraceParent.STATE, TraceParent.BAGGAGE);

  private TraceHeaders() {}

  /** Copies them to the headers of a leg that are not made of the client's. */
  public static void handOn(HttpHeaders client, HttpHeaders leg) {
    for (String name : NAMES) {
      String value = client.get(name);
      if (value != null) {
        leg.set(name, value);
      }
    }
  }
}
