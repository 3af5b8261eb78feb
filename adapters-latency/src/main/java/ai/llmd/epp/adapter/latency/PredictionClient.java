package ai.llmd.epp.adapter.latency;

import ai.llmd.epp.application.latency.LatencyServers;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.latency.LatencyRow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/** The client of prediction servers and a training server; touches no network before its use. */
final class PredictionClient implements LatencyServers {

  private final PredictionSettings settings;
  private final HttpCalls http;
  private final PredictionBatches batches;
  private final TrainingFeed training;
  private final AtomicBoolean isGreeted = new AtomicBoolean();

  PredictionClient(PredictionSettings settings, LongSupplier nanoClock) {
    this.settings = settings;
    this.http = new HttpCalls(settings.httpTimeout());
    this.batches = new PredictionBatches(settings, http, nanoClock);
    this.training = new TrainingFeed(settings, http);
  }

  @Override
  public boolean isWorthAsking(int rows) {
    return rows > 0 && rows <= settings.maxBulkSize() && batches.isWorthAsking();
  }

  @Override
  public List<Times> predict(List<LatencyRow> rows, Duration patience) throws InterruptedException {
    if (rows.size() > settings.maxBulkSize()) {
      throw new WithoutResultException(
          "may ask for %d rows, not %d".formatted(settings.maxBulkSize(), rows.size()));
    }
    rows.forEach(RowJson::check);
    greet();
    return batches.join(rows).await(patience);
  }

  @Override
  public void observed(LatencyRow row, double ttftMillis, double tpotMillis) {
    greet();
    training.add(row, ttftMillis, tpotMillis);
  }

  /** Asks the servers once what they are, for the log. */
  private void greet() {
    if (!isGreeted.get() && isGreeted.compareAndSet(false, true)) {
      new ServerGreeting(settings, http).begin();
    }
  }

  @Override
  public void close() {
    isGreeted.set(true);
    batches.shutDown();
    training.close();
    http.close();
  }
}
