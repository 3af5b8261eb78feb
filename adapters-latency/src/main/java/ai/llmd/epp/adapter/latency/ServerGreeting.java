package ai.llmd.epp.adapter.latency;

import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a prediction server and the training server once what they are, and logs it. */
final class ServerGreeting {

  private static final Logger log = LoggerFactory.getLogger(ServerGreeting.class);

  private static final long ANSWER_BYTES = 64 << 10;
  private static final int MAX_SHOWN = 64;

  private final PredictionSettings settings;
  private final HttpCalls http;

  ServerGreeting(PredictionSettings settings, HttpCalls http) {
    this.settings = settings;
    this.http = http;
  }

  void begin() {
    Thread.ofVirtual().name("latency-greeting").start(this::greet);
  }

  private void greet() {
    int any = ThreadLocalRandom.current().nextInt(settings.predictionServers().size());
    try {
      greet("prediction", settings.predictionServers().get(any), "/status");
      greet("training", settings.trainingServer(), "/model/download/info");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void greet(String kind, URI server, String path) throws InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> call = http.get(server, path, ANSWER_BYTES);
    try {
      HttpResponse<byte[]> answer =
          call.get(settings.httpTimeout().toNanos(), TimeUnit.NANOSECONDS);
      log.info(
          "{} server {} answers with status {}, its model is {}",
          kind,
          server,
          answer.statusCode(),
          model(answer.body()));
    } catch (TimeoutException e) {
      log.info("{} server {} does not answer in time", kind, server);
    } catch (ExecutionException e) {
      log.info("{} server {} cannot be reached", kind, server);
    } finally {
      call.cancel(true);
    }
  }

  /** The kind of model that an answer names. */
  private static String model(byte[] body) {
    JsonScanner json = new JsonScanner(body, 0, body.length);
    String model = "unknown";
    if (json.kind() == JsonKind.OBJECT) {
      json.enter();
      while (json.nextMember()) {
        if (json.keyIs("model_type") && json.kind() == JsonKind.STRING) {
          model = json.text().content();
        } else {
          json.skip();
        }
      }
    }
    String shown = model.length() > MAX_SHOWN ? model.substring(0, MAX_SHOWN) : model;
    return shown.replaceAll("[^\\w.-]", "?");
  }
}
