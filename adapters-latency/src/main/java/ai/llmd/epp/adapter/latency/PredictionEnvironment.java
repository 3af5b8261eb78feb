package ai.llmd.epp.adapter.latency;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the reference's environment variables; a value that is invalid is its default. */
final class PredictionEnvironment {

  private static final String PREDICTION = "PREDICTION_SERVER_URL";
  private static final String TRAINING = "TRAINING_SERVER_URL";
  private static final String DEFAULT_PREDICTION = "http://localhost:8001";
  private static final String DEFAULT_TRAINING = "http://localhost:8000";
  private static final Pattern COMMA = Pattern.compile(",");

  private final Map<String, String> environment;
  private final Consumer<String> warn;

  /**
   * @param environment variables by name
   * @param warn takes what is wrong with a value
   */
  PredictionEnvironment(Map<String, String> environment, Consumer<String> warn) {
    this.environment = environment;
    this.warn = warn;
  }

  /** Null when neither server is named. */
  @Nullable PredictionSettings read() {
    if (value(PREDICTION).isEmpty() && value(TRAINING).isEmpty()) {
      return null;
    }
    return new PredictionSettings(
        urls(PREDICTION, DEFAULT_PREDICTION),
        urls(TRAINING, DEFAULT_TRAINING).getFirst(),
        integer("LATENCY_MAX_SAMPLE_SIZE", 1_000, 1, Integer.MAX_VALUE),
        Duration.ofSeconds(integer("LATENCY_FLUSH_INTERVAL_SEC", 1, 1, Integer.MAX_VALUE)),
        Duration.ofSeconds(integer("LATENCY_HTTP_TIMEOUT_SEC", 10, 1, Integer.MAX_VALUE)),
        integer("LATENCY_MAX_BULK_SIZE", 100, 1, 100),
        Duration.ofMillis(integer("LATENCY_COALESCE_WINDOW_MS", 1, 0, Integer.MAX_VALUE)),
        integer("LATENCY_MAX_COALESCED_ROWS", 0, 0, Integer.MAX_VALUE),
        integer("LATENCY_MAX_CONCURRENT_DISPATCHES", 36, 1, Integer.MAX_VALUE));
  }

  private String value(String name) {
    return environment.getOrDefault(name, "").strip();
  }

  private List<URI> urls(String name, String standard) {
    List<URI> urls = new ArrayList<>();
    for (String text : COMMA.splitAsStream(value(name)).map(String::strip).toList()) {
      if (!text.isEmpty()) {
        URI url = url(text);
        if (url == null) {
          warn.accept("%s: \"%s\" is no http or https URL, it is left out".formatted(name, text));
        } else {
          urls.add(url);
        }
      }
    }
    return urls.isEmpty() ? List.of(URI.create(standard)) : List.copyOf(urls);
  }

  /** Without a slash at its end; null when it is not one that can be called. */
  private static @Nullable URI url(String text) {
    try {
      URI url = new URI(text.replaceFirst("/+$", ""));
      boolean isHttp = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      return isHttp && url.getHost() != null ? url : null;
    } catch (URISyntaxException e) {
      return null;
    }
  }

  private int integer(String name, int standard, int least, int most) {
    String text = value(name);
    if (text.isEmpty()) {
      return standard;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // as one that is out of range
    }
    warn.accept("%s: \"%s\" is invalid, it stays %d".formatted(name, text, standard));
    return standard;
  }
}
