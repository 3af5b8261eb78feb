package ai.llmd.epp.adapter.extproc.server;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestChunk;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseChunk;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseHeaders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.extproc.TestPicker;
import ai.llmd.epp.adapter.extproc.body.ParserRegistry;
import ai.llmd.epp.adapter.extproc.body.ResponseModelMapper;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.RawGateway;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * While large messages and bodies pass, in each body mode, other streams of the same event loop do
 * not wait much longer than it takes to look at a message's bytes once: 50 ms where a look takes
 * 36. What large bodies take in milliseconds is a figure of {@code benchmarks/run bodies}.
 */
@Timeout(120)
class LargestMessagesTest {

  private static final double MAX_LOOKS = 1.4;
  private static final int LARGEST = 24 << 20;
  private static final int TRIES = 5;
  private static final int SENDERS = 32;
  private static final double MAX_LOOKS_FOR_MANY = 0.4;
  private static final String REWRITE = "x-gateway-model-name-rewrite";
  private static final String SERVED = "served-model";
  private static final String USAGE =
      "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":10,\"total_tokens\":15}";

  private final TestPicker picker =
      TestPicker.start(
          new ExtProcServer.Settings(
              0, 60 << 20, null, false, NetworkLimits.within(512L << 20), ConnectionLimits.DEFAULT),
          LargestMessagesTest::reading);
  private LoopTicks ticks;

  private static ExtProcParts reading(ExtProcParts p) {
    ParserRegistry parsers =
        ParserRegistry.of(List.of(new Named<>("openai", "openai-parser", new OpenAiParser())));
    return new ExtProcParts(
        p.router(),
        p.follower(),
        p.observer(),
        p.tracer(),
        parsers::find,
        (served, asked) -> new ResponseModelMapper(served, asked)::map,
        p.requestIds(),
        p.nanoClock(),
        p.limits(),
        false,
        false,
        true);
  }

  @BeforeEach
  void watchTheConnectionsLoop() {
    CompletableFuture<EventExecutor> loop = new CompletableFuture<>();
    picker.routing.decision =
        decision -> {
          loop.complete(ThreadExecutorMap.currentExecutor());
          return decision;
        };
    Dialogue small = picker.open().send(requestHeaders(false, ":path", "/v1/completions"));
    small.send(requestBody("{\"model\":\"m\",\"prompt\":\"hello\"}", true));
    small.next();
    small.next();
    small.halfClose().end();
    picker.routing.decision = decision -> decision;
    ticks = LoopTicks.on(loop.join());
  }

  @AfterEach
  void stop() {
    ticks.close();
    picker.close();
  }

  /** Code that was not compiled before takes longer the first times: the best of some counts. */
  private void assertOthersDoNotWait(String what, Runnable exchange) {
    assertOthersDoNotWait(what, MAX_LOOKS, exchange);
  }

  /**
   * @param most share of the time that a look at a message's bytes takes at that moment
   */
  private void assertOthersDoNotWait(String what, double most, Runnable exchange) {
    double least = Double.MAX_VALUE;
    for (int i = 0; i < TRIES && least >= most; i++) {
      ticks.takeLongest();
      exchange.run();
      double longest = ticks.takeLongest().toNanos();
      least = Math.min(least, longest / ticks.toLookAt(LARGEST).toNanos());
    }
    assertThat(least).as(what).isLessThan(most);
  }

  /** Of one byte over and over, between two texts. */
  private static ByteString filled(String begin, String end, int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 'x');
    byte[] first = begin.getBytes(StandardCharsets.UTF_8);
    byte[] last = end.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(first, 0, bytes, 0, first.length);
    System.arraycopy(last, 0, bytes, size - last.length, last.length);
    return ByteString.copyFrom(bytes);
  }

  private Dialogue begun(BodySendMode request, BodySendMode response) {
    return picker
        .open()
        .send(
            ai.llmd.epp.adapter.extproc.dialogue.Messages.inModes(
                request,
                response,
                requestHeaders(
                    false, ":path", "/v1/completions", "x-gateway-model-name-rewrite", SERVED)));
  }

  private Dialogue routed(BodySendMode response, String contentType) {
    Dialogue dialogue = begun(BodySendMode.FULL_DUPLEX_STREAMED, response);
    dialogue.send(requestBody("{\"model\":\"m\",\"prompt\":\"hello\"}", true));
    dialogue.next();
    dialogue.next();
    dialogue.send(responseHeaders(false, ":status", "200", "content-type", contentType));
    dialogue.next();
    return dialogue;
  }

  private void assertEnds(Dialogue dialogue) {
    dialogue.halfClose().end();
    picker.assertNothingIsHeld();
  }

  private void assertUsage() {
    await().until(() -> !picker.exchanges.usages.isEmpty());
    assertThat(picker.exchanges.usages.removeFirst()).isEqualTo(new Usage(5, 10, 15, -1));
  }

  @Test
  void requestsInOneMessage() {
    assertOthersDoNotWait("all of it", this::passRequestsInOneMessage);
  }

  private void passRequestsInOneMessage() {
    Dialogue dialogue = begun(BodySendMode.BUFFERED, BodySendMode.NONE);
    dialogue.next();
    dialogue.send(requestBody(filled("{\"model\":\"m\",\"prompt\":\"", "\"}", LARGEST), true));

    assertThat(dialogue.next().getRequestBody().getResponse().getBodyMutation().getBody())
        .hasSizeGreaterThan(LARGEST);
    assertEnds(dialogue);
  }

  @Test
  void requestsInDuplex() {
    assertOthersDoNotWait("all of it", this::passRequestsInDuplex);
  }

  private void passRequestsInDuplex() {
    Dialogue dialogue = begun(BodySendMode.FULL_DUPLEX_STREAMED, BodySendMode.NONE);
    dialogue.send(requestBody(filled("{\"model\":\"m\",\"prompt\":\"", "\"}", LARGEST), true));

    assertThat(dialogue.next().hasRequestHeaders()).isTrue();
    for (int received = 0; received < LARGEST; ) {
      received += requestChunk(dialogue.next()).getBody().size();
    }
    assertEnds(dialogue);
  }

  @Test
  void responsesInOneMessage() {
    assertOthersDoNotWait("all of it", this::passResponsesInOneMessage);
  }

  private void passResponsesInOneMessage() {
    Dialogue dialogue = routed(BodySendMode.BUFFERED, "application/json");
    String begin = "{\"model\":\"" + SERVED + "\",\"data\":\"";
    dialogue.send(responseBody(filled(begin, "\"," + USAGE + "}", LARGEST), true));

    assertRenamed(
        dialogue.next().getResponseBody().getResponse().getBodyMutation().getBody(), LARGEST);
    assertUsage();
    assertEnds(dialogue);
  }

  private static void assertRenamed(ByteString body, int size) {
    assertThat(body).hasSize(size - SERVED.length() + 1);
    assertThat(body.substring(0, 20).toStringUtf8()).startsWith("{\"model\":\"m\",");
  }

  @Test
  void responsesInDuplex() {
    assertOthersDoNotWait("all of it", this::passResponsesInDuplex);
  }

  private void passResponsesInDuplex() {
    Dialogue dialogue = routed(BodySendMode.FULL_DUPLEX_STREAMED, "application/json");
    String begin = "{\"model\":\"" + SERVED + "\",\"data\":\"";
    dialogue.send(responseBody(filled(begin, "\"," + USAGE + "}", LARGEST), true));

    ByteString body = ByteString.EMPTY;
    while (body.size() < LARGEST - SERVED.length() + 1) {
      body = body.concat(responseChunk(dialogue.next()).getBody());
    }
    assertRenamed(body, LARGEST);
    assertUsage();
    assertEnds(dialogue);
  }

  /** In every mode: one event as large as a message can be, and many small ones. */
  @Test
  void eventStreams() {
    for (ByteString chunk : List.of(oneEvent(), smallEvents())) {
      for (BodySendMode mode :
          List.of(
              BodySendMode.STREAMED, BodySendMode.BUFFERED, BodySendMode.FULL_DUPLEX_STREAMED)) {
        assertOthersDoNotWait("all of it", () -> passEvents(chunk, mode));
      }
    }
  }

  private void passEvents(ByteString chunk, BodySendMode mode) {
    Dialogue dialogue = routed(mode, "text/event-stream");
    dialogue.send(responseBody(chunk, false));
    dialogue.send(responseBody("data: {" + USAGE + "}\n\ndata: [DONE]\n\n", true));

    for (boolean isLast = false; !isLast; ) {
      var answer = dialogue.next();
      isLast = mode == BodySendMode.FULL_DUPLEX_STREAMED && responseChunk(answer).getEndOfStream();
      if (mode != BodySendMode.FULL_DUPLEX_STREAMED) {
        dialogue.next();
        isLast = true;
      }
    }
    assertUsage();
    assertEnds(dialogue);
  }

  /** Of fields, headers and entries that are as small as can be, as many as there is room for. */
  @Test
  void messagesOfTooManyParts() {
    byte[] text = "x".getBytes(StandardCharsets.UTF_8);
    byte[] entry = field(1, concat(field(1, text), field(2, field(3, text))));
    Map<String, byte[]> messages = new LinkedHashMap<>();
    messages.put("unknown fields", repeated(new byte[] {0x78, 0x01}, LARGEST));
    messages.put("unknown fields of headers", field(2, repeated(new byte[] {0x78, 0x01}, LARGEST)));
    messages.put("headers", field(2, field(1, repeated(field(1, new byte[0]), LARGEST))));
    messages.put(
        "unknown fields of headers' map",
        field(2, field(1, repeated(new byte[] {0x78, 0x01}, LARGEST))));
    messages.put(
        "unknown fields of a header",
        field(2, field(1, field(1, repeated(new byte[] {0x78, 0x01}, LARGEST)))));
    messages.put("fields of a body", field(4, repeated(field(1, text), LARGEST)));
    messages.put("fields of trailers", field(6, repeated(new byte[] {0x78, 0x01}, LARGEST)));
    messages.put("namespaces", field(8, repeated(field(1, field(1, text)), LARGEST)));
    messages.put(
        "values", field(8, field(1, concat(field(1, text), field(2, repeated(entry, LARGEST))))));
    messages.put("protocols", repeated(field(10, new byte[] {0x08, 0x01}), LARGEST));
    messages.put(
        "a list in metadata",
        field(
            8,
            field(
                1,
                concat(
                    field(1, text),
                    field(
                        2,
                        field(
                            1,
                            concat(
                                field(1, text),
                                field(
                                    2,
                                    field(6, repeated(field(1, field(3, text)), LARGEST))))))))));
    messages.put("groups", repeated(new byte[] {0x7b, 0x7c}, LARGEST));
    messages.forEach(
        (what, message) -> {
          for (String compression : new String[] {null, "gzip"}) {
            CallOptions options = CallOptions.DEFAULT.withCompression(compression);
            assertOthersDoNotWait(
                what,
                () -> {
                  Status end = RawCall.send(picker.channel, options, message).join();
                  assertThat(end.getCode()).as(what).isEqualTo(Status.Code.INTERNAL);
                });
          }
        });
    picker.assertNothingIsHeld();
  }

  /** From gateways that leave the loop no pause: they take turns of a few hundred messages. */
  @Test
  void messagesOfAByte() {
    byte[] begin =
        RawGateway.message(requestHeaders(false, ":path", "/v1/completions").toByteArray());
    byte[] letters = repeated(RawGateway.message(requestBody("x", false).toByteArray()), 400_000);
    assertOthersDoNotWait(
        "all of them",
        MAX_LOOKS_FOR_MANY,
        () -> {
          List<RawGateway> gateways = new ArrayList<>();
          List<Thread> senders = new ArrayList<>();
          for (int i = 0; i < SENDERS; i++) {
            RawGateway gateway = RawGateway.connect(picker.server.port());
            gateways.add(gateway);
            int stream = gateway.open();
            gateway.send(stream, begin);
            senders.add(Thread.startVirtualThread(() -> gateway.send(stream, letters)));
          }
          senders.forEach(LargestMessagesTest::join);
          gateways.forEach(RawGateway::close);
        });
    picker.assertNothingIsHeld();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What is just not large is read on the event loop. */
  @Test
  void requestsThatAreReadAtOnce() {
    String nested = "{\"b\":{\"a\":".repeat(15) + "1" + "}}".repeat(15);
    Map<String, String> bodies = new LinkedHashMap<>();
    bodies.put(
        "nested tools", "{\"model\":\"m\",\"messages\":[],\"tools\":[" + upTo(nested + ",", "1]}"));
    bodies.put("members", "{\"model\":\"m\",\"messages\":[]," + upTo("\"z\":1,", "\"z\":1}"));
    bodies.put("models", "{\"messages\":[]," + upTo("\"model\":\"m\",", "\"model\":\"m\"}"));
    bodies.put("messages", "{\"model\":\"m\",\"messages\":[" + upTo("{},", "{}]}"));
    bodies.put(
        "messages with text",
        "{\"model\":\"m\",\"messages\":[" + upTo("{\"role\":\"user\",\"content\":\"x\"},", "{}]}"));
    bodies.put(
        "parts",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
            + upTo("{\"type\":\"text\",\"text\":\"\"},", "{}]}]}"));
    bodies.put(
        "images",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
            + upTo("{\"type\":\"image_url\",\"image_url\":{\"url\":\"a\"}},", "{}]}]}"));
    bodies.put("token ids", "{\"model\":\"m\",\"prompt\":[" + upTo("1,", "1]}"));
    bodies.put("prompts", "{\"model\":\"m\",\"prompt\":[" + upTo("\"\",", "\"\"]}"));
    bodies.put("lists of token ids", "{\"model\":\"m\",\"prompt\":[" + upTo("[1],", "[1]]}"));
    bodies.put("escapes", "{\"model\":\"m\",\"prompt\":\"" + upTo("\\u00e9", "\"}"));
    bodies.put("surrogates", "{\"model\":\"m\",\"prompt\":\"" + upTo("\\ud83d\\ude80", "\"}"));
    bodies.put(
        "half surrogates",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
            + upTo("\\ud83d", "\"}]}"));
    bodies.put("unended", "{\"model\":\"m\",\"messages\":" + upTo("[", ""));
    bodies.forEach(
        (what, body) -> {
          String path = body.contains("messages") ? "/v1/chat/completions" : "/v1/completions";
          assertOthersDoNotWait(
              what,
              () -> {
                Dialogue dialogue =
                    picker.open().send(requestHeaders(false, ":path", path, REWRITE, SERVED));
                dialogue.send(requestBody(body, true));
                dialogue.next();
                dialogue.cancel();
              });
        });
    picker.assertNothingIsHeld();
  }

  private static String upTo(String part, String end) {
    return part.repeat(((1 << 20) - 200) / part.length()) + end;
  }

  /** Fields and entries as many as there may be. */
  @Test
  void messagesThatAreReadAtOnce() {
    byte[] text = "x".getBytes(StandardCharsets.UTF_8);
    byte[] entry = field(1, concat(field(1, text), field(2, field(3, text))));
    Map<String, byte[]> messages = new LinkedHashMap<>();
    messages.put("fields", repeated(new byte[] {0x78, 0x01}, 398_000));
    messages.put("headers", field(2, field(1, repeated(field(1, field(1, text)), 65_000 * 5))));
    messages.put(
        "values", field(8, field(1, concat(field(1, text), field(2, repeated(entry, 500_000))))));
    messages.put("many values", field(8, field(1, concat(field(1, text), field(2, many(40_000))))));
    messages.put("namespaces", field(8, repeated(field(1, field(1, text)), 500_000)));
    messages.forEach(
        (what, message) -> {
          assertOthersDoNotWait(
              what,
              () -> {
                Status end = RawCall.send(picker.channel, CallOptions.DEFAULT, message).join();
                assertThat(end.getCode()).as(what).isEqualTo(Status.Code.OK);
              });
        });
    picker.assertNothingIsHeld();
  }

  private static byte[] many(int count) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      byte[] key = Integer.toString(i, 36).getBytes(StandardCharsets.UTF_8);
      bytes.writeBytes(field(1, concat(field(1, key), field(2, field(3, new byte[0])))));
    }
    return bytes.toByteArray();
  }

  private static byte[] field(int number, byte[] value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(number << 3 | 2);
    int length = value.length;
    for (; length >= 0x80; length >>>= 7) {
      bytes.write((length & 0x7F) | 0x80);
    }
    bytes.write(length);
    bytes.writeBytes(value);
    return bytes.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] repeated(byte[] part, int size) {
    byte[] all = new byte[size / part.length * part.length];
    for (int at = 0; at < all.length; at += part.length) {
      System.arraycopy(part, 0, all, at, part.length);
    }
    return all;
  }

  private static ByteString oneEvent() {
    String begin = "data: {\"model\":\"" + SERVED + "\",\"data\":\"";
    return filled(begin, "\"," + USAGE + "}\n\n", LARGEST);
  }

  private static ByteString smallEvents() {
    String event = "data: {\"model\": \"" + SERVED + "\"," + USAGE + ",\"choices\":[]}\n\n";
    return ByteString.copyFromUtf8(event.repeat(LARGEST / event.length()));
  }
}
