package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.application.port.out.ExchangeObserver;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Usage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Records the calls of meters, in order. */
public final class RecordedExchanges implements ExchangeObserver {

  public final List<String> events = new CopyOnWriteArrayList<>();
  public final List<ResponseSummary> completed = new CopyOnWriteArrayList<>();
  public final List<Usage> usages = new CopyOnWriteArrayList<>();
  public final List<Long> gaps = new CopyOnWriteArrayList<>();

  @Override
  public void requestHandled(long nanos) {
    events.add("requestHandled");
  }

  @Override
  public void bodyParsed(String parserType, String parserName, long nanos) {
    events.add("bodyParsed " + parserType);
  }

  @Override
  public RoutedExchange routed(RequestLabels labels, long forwardedBytes) {
    events.add(
        "routed %s→%s %d".formatted(labels.incomingModel(), labels.targetModel(), forwardedBytes));
    return new Recorder();
  }

  @Override
  public RoutedExchange followed(RequestLabels labels) {
    events.add("followed");
    return new Recorder();
  }

  @Override
  public void failed(@Nullable RequestLabels labels, String errorCode) {
    events.add("failed " + errorCode);
  }

  @Override
  public void streamStarted() {
    events.add("streamStarted");
  }

  @Override
  public void streamEnded(String grpcCode, long nanos) {
    events.add("streamEnded " + grpcCode);
  }

  private final class Recorder implements RoutedExchange {

    @Override
    public void running() {
      events.add("running");
    }

    @Override
    public void usage(Usage chunk) {
      usages.add(chunk);
    }

    @Override
    public void chunkGap(long nanos) {
      gaps.add(nanos);
    }

    @Override
    public void completed(ResponseSummary summary) {
      events.add("completed");
      completed.add(summary);
    }

    @Override
    public void ended(long responseProcessingNanos) {
      events.add("ended");
    }
  }
}
