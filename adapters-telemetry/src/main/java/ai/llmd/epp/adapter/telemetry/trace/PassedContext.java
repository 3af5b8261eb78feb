package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.traces.RandomIds;
import ai.llmd.epp.traces.TraceParent;
import org.jspecify.annotations.Nullable;

/**
 * The trace of every request that is not recorded: its context goes on, and nothing else is done.
 *
 * @param beginsTraces whether a request without a context gets one, by which the model server sees
 *     that the request was not chosen; else the model server makes its own choice
 */
record PassedContext(RandomIds ids, boolean beginsTraces) implements RequestTrace {

  /**
   * Where the client's headers do not follow they stay as they are: a span id of a span that is not
   * recorded would cut the client's trace in two.
   */
  @Override
  public void handOn(RequestHeaders client, boolean isEchoed, Headers headers) {
    TraceParent parent = TraceParent.of(client.value(TraceParent.HEADER));
    if (parent != null && isEchoed) {
      addBaggage(client, headers);
      addState(client, headers);
      headers.add(
          TraceParent.HEADER,
          new TraceParent(parent.traceId(), RandomIds.spanId(), parent.isSampled()).ascii());
    } else if (parent == null && beginsTraces) {
      addBaggage(client, headers);
      headers.add(
          TraceParent.HEADER,
          new TraceParent(ids.unchosenTraceId(), RandomIds.spanId(), false).ascii());
    }
  }

  static void addBaggage(RequestHeaders client, Headers headers) {
    add(TraceParent.BAGGAGE, client.value(TraceParent.BAGGAGE), headers);
  }

  static void addState(RequestHeaders client, Headers headers) {
    add(TraceParent.STATE, client.value(TraceParent.STATE), headers);
  }

  private static void add(String name, @Nullable String value, Headers headers) {
    if (value != null && !value.isBlank()) {
      headers.add(name, value);
    }
  }
}
