package ai.llmd.epp.sidecar.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.sidecar.body.JsonEdit;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.body.JsonText;
import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.leg.Answer;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes one answer of pieces: an event for each, or one object of all. One thread. */
final class ChunkedAnswer {

  private final Exchange exchange;
  private final boolean isStream;
  private final long cached;
  private final StringBuilder text = new StringBuilder();

  private @Nullable DecodedChunk last;
  private long promptTokens;
  private long tokens;
  private boolean hasBegun;

  /**
   * @param cached tokens to be told in the usage; negative for none
   */
  ChunkedAnswer(Exchange exchange, boolean isStream, long cached) {
    this.exchange = exchange;
    this.isStream = isStream;
    this.cached = cached;
  }

  /** Whether the client has a part of it. */
  boolean hasBegun() {
    return hasBegun;
  }

  void add(DecodedChunk chunk) {
    if (last == null) {
      promptTokens = chunk.promptTokens();
    }
    last = chunk;
    tokens += chunk.tokens();
    if (isStream) {
      begin();
      send(event(chunk));
    } else {
      text.append(chunk.text());
    }
  }

  private void begin() {
    if (hasBegun) {
      return;
    }
    hasBegun = true;
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream");
    head.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
    exchange.loop().execute(() -> exchange.respond(head));
  }

  private void send(byte[] bytes) {
    exchange
        .loop()
        .execute(
            () -> {
              exchange.send(Unpooled.wrappedBuffer(bytes));
              exchange.flush();
            });
  }

  private static byte[] event(DecodedChunk chunk) {
    List<String> choices =
        chunk.answer().objects("choices").stream().map(ChunkedAnswer::delta).toList();
    return event(
        chunk
            .answer()
            .edit()
            .remove("usage")
            .set("choices", ("[" + String.join(",", choices) + "]").getBytes(UTF_8))
            .toBytes());
  }

  private static String delta(JsonObject choice) {
    JsonObject message = choice.object("message");
    byte[] content = message == null ? null : message.raw("content");
    byte[] reason = choice.raw("finish_reason");
    JsonEdit delta =
        JsonObject.empty()
            .edit()
            .set("content", content == null ? JsonText.string("") : content)
            .set("role", "assistant");
    return new String(
        JsonObject.empty()
            .edit()
            .set("index", choice.number("index", 0))
            .set("finish_reason", reason == null ? JsonText.nothing() : reason)
            .set("delta", delta)
            .toBytes(),
        UTF_8);
  }

  private static byte[] event(byte[] json) {
    return ("data: " + new String(json, UTF_8) + "\n\n").getBytes(UTF_8);
  }

  private JsonEdit usage() {
    JsonEdit usage =
        JsonObject.empty()
            .edit()
            .set("prompt_tokens", promptTokens)
            .set("completion_tokens", tokens)
            .set("total_tokens", promptTokens + tokens);
    if (cached >= 0) {
      usage.set("prompt_tokens_details", JsonObject.empty().edit().set("cached_tokens", cached));
    }
    return usage;
  }

  /** All pieces were added. */
  void end() throws CallFailure {
    DecodedChunk chunk = last;
    if (chunk == null) {
      throw new CallFailure(ErrorAnswer.internal("no chunks produced"));
    }
    if (isStream) {
      JsonEdit event =
          JsonObject.empty().edit().setStrings("choices", List.of()).set("usage", usage());
      send(event(event.toBytes()));
      send("data: [DONE]\n\n".getBytes(UTF_8));
      exchange.loop().execute(() -> exchange.end(LastHttpContent.EMPTY_LAST_CONTENT));
      return;
    }
    byte[] body = whole(chunk);
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    head.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    exchange.loop().execute(() -> exchange.answer(head, body));
  }

  private byte[] whole(DecodedChunk chunk) {
    List<JsonObject> choices = chunk.answer().objects("choices");
    JsonObject choice = choices.isEmpty() ? JsonObject.empty() : choices.getFirst();
    JsonObject given = choice.object("message");
    JsonObject message = given == null ? JsonObject.empty() : given;
    String one =
        new String(
            choice.edit().set("message", message.edit().set("content", text.toString())).toBytes(),
            UTF_8);
    return chunk
        .answer()
        .edit()
        .set("choices", ("[" + one + "]").getBytes(UTF_8))
        .set("usage", usage())
        .toBytes();
  }

  /** A piece was refused: the client gets what the engine said, behind what it has already. */
  void fail(Answer refusal) {
    exchange
        .loop()
        .execute(
            () -> {
              if (hasBegun) {
                exchange.send(Unpooled.wrappedBuffer(refusal.body()));
                exchange.end(LastHttpContent.EMPTY_LAST_CONTENT);
              } else {
                refusal.to(exchange);
              }
            });
  }

  /** The client sees that something is missing. */
  void breakOff() {
    exchange.loop().execute(exchange::breakOff);
  }
}
