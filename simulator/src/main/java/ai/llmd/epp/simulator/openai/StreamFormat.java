package ai.llmd.epp.simulator.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.simulator.engine.FinishReason;

/**
 * The events of one streamed answer. What all of them share is written once; an event costs little
 * more than its text.
 */
public final class StreamFormat {

  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(UTF_8);

  private final Api api;
  private final String head;
  private final String tail;

  /**
   * Prepares a stream.
   *
   * @param id the answer's id, with the prefix of the API
   * @param createdSeconds unix time
   * @param model as the client named it
   * @param includesUsage whether the events have a {@code usage}, which is null but in the last
   */
  public StreamFormat(
      Api api, String id, long createdSeconds, String model, boolean includesUsage) {
    this.api = api;
    this.head =
        "data: {\"id\":%s,\"object\":\"%s\",\"created\":%d,\"model\":%s,\"choices\":["
            .formatted(Json.quoted(id), api.chunkObject(), createdSeconds, Json.quoted(model));
    this.tail = includesUsage ? "],\"usage\":null}\n\n" : "]}\n\n";
  }

  /** Whether an answer begins with an event that names its role. */
  public boolean hasRole() {
    return api == Api.CHAT;
  }

  /** The first event of an answer; chats only. */
  public byte[] role(int index) {
    return event(index, "\"delta\":{\"role\":\"assistant\",\"content\":\"\"}", "null");
  }

  /** More text. */
  public byte[] text(int index, String text) {
    String quoted = Json.quoted(text);
    return event(
        index,
        api == Api.CHAT ? "\"delta\":{\"content\":" + quoted + "}" : "\"text\":" + quoted,
        "null");
  }

  /** The end of one answer. */
  public byte[] finish(int index, FinishReason reason) {
    return event(
        index, api == Api.CHAT ? "\"delta\":{}" : "\"text\":\"\"", Json.quoted(reason.toString()));
  }

  /** The usage, behind all answers. */
  public byte[] usage(TokenUsage usage) {
    String json = new String(Json.document(usage::write), UTF_8);
    return (head + "],\"usage\":" + json + "}\n\n").getBytes(UTF_8);
  }

  /** The end of the stream. */
  public static byte[] done() {
    return DONE.clone();
  }

  private byte[] event(int index, String content, String finishReason) {
    return (head
            + "{\"index\":"
            + index
            + ","
            + content
            + ",\"finish_reason\":"
            + finishReason
            + "}"
            + tail)
        .getBytes(UTF_8);
  }
}
