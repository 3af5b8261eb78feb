package ai.llmd.epp.sidecar.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.fuzz.Trees;
import ai.llmd.epp.sidecar.body.InvalidJsonException;
import ai.llmd.epp.sidecar.body.JsonEdit;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.leg.Api;
import ai.llmd.epp.sidecar.proxy.CachedTokens;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Bodies of clients and answers of engines: what the sidecar changes in them is all that changes,
 * and an answer is the same however it is cut.
 */
public final class TransferFuzz {

  private static final MoriRanks RANKS =
      new MoriRanks(
          new MoriSettings(
              true,
              false,
              Duration.ofSeconds(1),
              "10.0.0.1",
              1,
              2,
              3,
              4,
              1,
              2,
              0,
              List.of(),
              List.of(),
              Duration.ofSeconds(1),
              Duration.ofSeconds(1)),
          host -> host);

  private TransferFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    edits(data);
    require(
        Arrays.equals(rewritten(data, Math.max(1, data.length)), rewritten(data, 1)),
        "an answer depends on how it is cut");
  }

  private static void edits(byte[] data) {
    JsonObject body;
    try {
      body = JsonObject.parse(data);
    } catch (InvalidJsonException e) {
      return;
    }
    String text = Trees.utf8(data);
    for (Api api : Api.values()) {
      JsonEdit limited = body.edit();
      api.limitToOne(body, limited);
      reparsed(limited.toBytes());
    }
    reparsed(Priming.of(body).toBytes());
    MediaItems.in(body).forEach(item -> reparsed(item.toBytes()));
    reparsed(body.edit().append("messages", "{}".getBytes(UTF_8)).toBytes());
    byte[] decode =
        Objects.requireNonNullElse(RANKS.forDecode(body, RANKS.dispatch("id")).transfer(), data);
    reparsed(decode);
    if (text != null && Trees.parsed(text) instanceof Map<?, ?> before) {
      Map<Object, Object> expected = new HashMap<>(before);
      expected.remove("stream_options");
      expected.put("stream", false);
      byte[] changed = body.edit().set("stream", false).remove("stream_options").toBytes();
      require(
          expected.equals(Trees.parsed(new String(changed, UTF_8))),
          "an edit changed something else");
    }
  }

  private static void reparsed(byte[] json) {
    try {
      JsonObject.parse(json);
    } catch (InvalidJsonException e) {
      throw new IllegalStateException("an edit made what is no JSON", e);
    }
  }

  private static byte[] rewritten(byte[] data, int piece) {
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream");
    var transform = Objects.requireNonNull(CachedTokens.in(head, 3));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int from = 0; from < data.length; from += piece) {
      add(
          all,
          transform.part(Unpooled.copiedBuffer(data, from, Math.min(piece, data.length - from))));
    }
    add(all, transform.end());
    return all.toByteArray();
  }

  private static void add(ByteArrayOutputStream all, ByteBuf part) {
    try {
      part.readBytes(all, part.readableBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never, to memory
    }
    part.release();
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  public static List<byte[]> seeds() {
    return Stream.of(
            """
            {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"\\u00e4"},
            {"type":"image_url","image_url":{"url":"u"}},{"type":"input_audio"}]}],"stream":true,
            "stream_options":{"include_usage":true},"max_tokens":9,"sampling_params":{"max_tokens":2}}\
            """,
            """
            {"kv_transfer_params":{"remote_dp_rank":1,"remote_block_ids":[1,2]},"remote_dp_rank":1.5,
            "usage":{"prompt_tokens_details":{"cached_tokens":4}},"usage":null}\
            """,
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":2}}\n\ndata: [DONE]\n\n: a\r\n",
            "data:{\"usage\":{\"prompt_tokens_details\":null}} \r\nevent: a\ndata: {\"usage\":")
        .map(text -> text.getBytes(UTF_8))
        .toList();
  }
}
