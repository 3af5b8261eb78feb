package ai.llmd.epp.acceptance.livepage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A tab of a browser, steered over the DevTools protocol. */
final class Tab implements WebSocket.Listener {

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final JsonMapper JSON = JsonMapper.shared();

  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final StringBuilder message = new StringBuilder(); // the socket's thread only
  private final List<String> requested = new CopyOnWriteArrayList<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private @Nullable WebSocket socket;

  private Tab() {}

  static Tab open(HttpClient http, URI debugger) {
    Tab tab = new Tab();
    tab.socket = http.newWebSocketBuilder().buildAsync(debugger, tab).join();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      tab.call(domain + ".enable", Map.of());
    }
    return tab;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean isLast) {
    message.append(data);
    if (isLast) {
      received(JSON.readTree(message.toString()));
      message.setLength(0);
    }
    from.request(1);
    return null;
  }

  private void received(JsonNode news) {
    if (news.has("id")) {
      CompletableFuture<JsonNode> answer = answers.remove(news.get("id").asInt());
      if (answer != null) {
        answer.complete(news);
      }
      return;
    }
    String params = news.path("params").toString();
    switch (news.path("method").asString()) {
      case "Network.requestWillBeSent" -> requested.add(news.at("/params/request/url").asString());
      case "Runtime.exceptionThrown", "Page.javascriptDialogOpening" -> complaints.add(params);
      case "Log.entryAdded" -> {
        boolean isOfScripts = !news.at("/params/entry/source").asString().equals("network");
        if (isOfScripts && news.at("/params/entry/level").asString().equals("error")) {
          complaints.add(params);
        }
      }
      default -> {
        // of no interest
      }
    }
  }

  private JsonNode call(String method, Map<String, ?> params) {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    String text = JSON.writeValueAsString(Map.of("id", id, "method", method, "params", params));
    Objects.requireNonNull(socket).sendText(text, true).join();
    JsonNode result = answer.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).join();
    assertThat(result.has("error")).as("%s: %s", method, result).isFalse();
    return result.path("result");
  }

  /** Everything that was asked for, as addresses. */
  List<String> requested() {
    return requested;
  }

  /** Errors of scripts, forbidden loads, and dialogs. */
  List<String> complaints() {
    return complaints;
  }

  void go(String address) {
    call("Page.navigate", Map.of("url", address));
  }

  /** The window, and which colours its user prefers. */
  void show(int width, int height, String scheme) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
    call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** The value of an expression, also of one that comes later. */
  JsonNode eval(String expression) {
    JsonNode result =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
    assertThat(result.has("exceptionDetails")).as("%s: %s", expression, result).isFalse();
    return result.at("/result/value");
  }

  /** Waits until an expression is true. */
  void until(String expression) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () ->
                assertThat(eval("!!(" + expression + ")").asBoolean())
                    .as("%s in %s", expression, eval("document.body.innerText"))
                    .isTrue());
  }

  /** Presses a key where the focus is. */
  void press(String key, int code, String text) {
    for (String type : List.of("keyDown", "keyUp")) {
      call(
          "Input.dispatchKeyEvent",
          Map.of(
              "type",
              type,
              "key",
              key,
              "code",
              key,
              "windowsVirtualKeyCode",
              code,
              "text",
              type.equals("keyDown") ? text : ""));
    }
  }

  /** Keeps a picture of what is shown. */
  void picture(Path file) throws IOException {
    JsonNode picture = call("Page.captureScreenshot", Map.of("format", "png"));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, Base64.getDecoder().decode(picture.at("/data").asString()));
  }
}
