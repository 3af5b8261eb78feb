package ai.llmd.epp.adapter.latency;

import ai.llmd.epp.application.latency.LatencyServers;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reference's prediction and training servers, where the environment names one of them ({@code
 * PREDICTION_SERVER_URL}, {@code TRAINING_SERVER_URL}, {@code LATENCY_…}).
 */
public final class PredictionServers implements LatencyServers.Source {

  private static final Logger log = LoggerFactory.getLogger(PredictionServers.class);

  private final Map<String, String> environment;
  private final LongSupplier nanoClock;

  /**
   * @param environment variables by name
   * @param nanoClock as {@link System#nanoTime()}
   */
  public PredictionServers(Map<String, String> environment, LongSupplier nanoClock) {
    this.environment = Map.copyOf(environment);
    this.nanoClock = nanoClock;
  }

  @Override
  public @Nullable LatencyServers open() {
    PredictionSettings settings = new PredictionEnvironment(environment, log::warn).read();
    return settings == null ? null : new PredictionClient(settings, nanoClock);
  }
}
