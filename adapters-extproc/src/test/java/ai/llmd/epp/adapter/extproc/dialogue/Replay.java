package ai.llmd.epp.adapter.extproc.dialogue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Plays a recorded conversation against a picker and compares every answer.
 *
 * <p>In answers to headers the first header has its place, and {@code Content-Length} the second;
 * the rest is a set. What the recording calls nondeterministic is masked; of two {@code
 * traceparent} the first is the picker's. Of an error in JSON only the beginning is compared, and a
 * rewritten body as JSON: it may be spliced or written anew.
 *
 * <p>A deliberate difference ({@code docs/compatibility.md}): the reference sets a request header
 * that came in several lines to the last of them, which drops the others. Those are not expected.
 */
public final class Replay {

  private static final String DESTINATION = "x-gateway-destination-endpoint";
  private static final String JSON_ERROR = "error unmarshaling request bodyMap: ";
  private static final JsonMapper JSON = new JsonMapper();

  private final GoldenConversation golden;
  private final boolean masksDestination;
  private final boolean masksRequestId;
  private final boolean masksSpanId;
  private final boolean comparesJson;
  private final Set<String> repeated;

  private Replay(GoldenConversation golden) {
    this.golden = golden;
    this.masksDestination =
        golden.masks().contains("destination") || golden.masks().contains("two endpoints");
    this.masksRequestId = golden.masks().contains("x-request-id");
    this.masksSpanId = golden.masks().contains("span id");
    this.comparesJson = golden.name().contains("rewrite");
    this.repeated = repeated(golden);
  }

  private static Set<String> repeated(GoldenConversation golden) {
    Set<String> seen = new HashSet<>();
    Set<String> repeated = new HashSet<>();
    for (ProcessingRequest message : golden.messages()) {
      for (HeaderValue header : message.getRequestHeaders().getHeaders().getHeadersList()) {
        String name = header.getKey().toLowerCase(Locale.ROOT);
        if (!seen.add(name)) {
          repeated.add(name);
        }
      }
    }
    return repeated;
  }

  /** Fails at the first answer that differs. */
  public static void play(GoldenConversation golden, Channel channel) {
    new Replay(golden).play(Dialogue.open(channel));
  }

  private void play(Dialogue dialogue) {
    int next = 0;
    List<GoldenConversation.Answer> expected = golden.answers();
    for (int sent = 1; sent <= golden.messages().size(); sent++) {
      dialogue.send(golden.messages().get(sent - 1));
      while (next < expected.size() && expected.get(next).afterMessage() == sent) {
        compare(next + 1, dialogue.next(), expected.get(next).message());
        next++;
      }
    }
    String status = dialogue.halfClose().end().getCode().name();
    if (!status.equals(golden.endStatus())) {
      throw new AssertionError("ended with %s, not %s".formatted(status, golden.endStatus()));
    }
  }

  private void compare(int number, ProcessingResponse got, ProcessingResponse want) {
    Message comparableGot = comparable(got);
    Message comparableWant = comparable(withoutRepeated(want));
    if (!comparableGot.equals(comparableWant)) {
      throw new AssertionError(
          "answer %d of %s differs%ngot  %s%nwant %s"
              .formatted(number, golden.name(), shown(comparableGot), shown(comparableWant)));
    }
  }

  private ProcessingResponse withoutRepeated(ProcessingResponse want) {
    if (repeated.isEmpty() || !want.hasRequestHeaders()) {
      return want;
    }
    ProcessingResponse.Builder copy = want.toBuilder();
    HeaderMutation.Builder mutation =
        copy.getRequestHeadersBuilder().getResponseBuilder().getHeaderMutationBuilder();
    List<HeaderValueOption> expected =
        mutation.getSetHeadersList().stream()
            .filter(option -> !repeated.contains(option.getHeader().getKey()))
            .toList();
    mutation.clearSetHeaders().addAllSetHeaders(expected);
    return copy.build();
  }

  private static String shown(Message message) {
    String text = TextFormat.printer().printToString(message);
    return text.length() <= 3_000 ? text : text.substring(0, 3_000) + "…";
  }

  private Message comparable(Message message) {
    if (message instanceof HeaderMutation mutation) {
      return comparable(mutation);
    }
    Message.Builder copy = message.toBuilder();
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      if (field.isMapField()) {
        maskMap(copy, field);
      } else if (entry.getValue() instanceof Message part) {
        copy.setField(field, comparable(part));
      } else if (field.getName().equals("body")) {
        copy.setField(field, comparable((ByteString) entry.getValue()));
      }
    }
    return copy.build();
  }

  private HeaderMutation comparable(HeaderMutation mutation) {
    List<HeaderValueOption> headers = new ArrayList<>();
    boolean hasSpanId = masksSpanId;
    for (HeaderValueOption option : mutation.getSetHeadersList()) {
      boolean isPickersOwn = hasSpanId && option.getHeader().getKey().equals("traceparent");
      headers.add(isPickersOwn ? withoutSpanId(option) : masked(option));
      hasSpanId &= !isPickersOwn; // the client's follows
    }
    int fixed = headers.size() > 1 && isContentLength(headers.get(1)) ? 2 : 1;
    headers
        .subList(Math.min(fixed, headers.size()), headers.size())
        .sort(Comparator.comparing(option -> option.getHeader().toString()));
    return HeaderMutation.newBuilder().addAllSetHeaders(headers).build();
  }

  /** Of {@code version-trace-span-flags} all but the span. */
  private static HeaderValueOption withoutSpanId(HeaderValueOption option) {
    String context = option.getHeader().getRawValue().toStringUtf8();
    String masked = context.replaceFirst("^(..-[0-9a-f]{32}-)[0-9a-f]{16}", "$1masked");
    HeaderValue.Builder header =
        option.getHeader().toBuilder().setRawValue(ByteString.copyFromUtf8(masked));
    return option.toBuilder().setHeader(header).build();
  }

  private static boolean isContentLength(HeaderValueOption option) {
    return option.getHeader().getKey().equals("Content-Length");
  }

  private HeaderValueOption masked(HeaderValueOption option) {
    HeaderValue header = option.getHeader();
    boolean isMasked =
        (masksDestination && header.getKey().equals(DESTINATION))
            || (masksRequestId && header.getKey().equals("x-request-id"))
            || (comparesJson && isContentLength(option));
    return isMasked
        ? option.toBuilder()
            .setHeader(header.toBuilder().setRawValue(ByteString.copyFromUtf8("masked")))
            .build()
        : option;
  }

  private void maskMap(Message.Builder copy, FieldDescriptor field) {
    List<Message> entries = new ArrayList<>();
    for (int i = 0; i < copy.getRepeatedFieldCount(field); i++) {
      Message entry = (Message) copy.getRepeatedField(field, i);
      FieldDescriptor key = entry.getDescriptorForType().findFieldByName("key");
      FieldDescriptor value = entry.getDescriptorForType().findFieldByName("value");
      boolean isMasked = masksDestination && entry.getField(key).equals(DESTINATION);
      Message comparable =
          isMasked
              ? Value.newBuilder().setStringValue("masked").build()
              : comparable((Message) entry.getField(value));
      entries.add(entry.toBuilder().setField(value, comparable).build());
    }
    copy.setField(field, entries);
  }

  private ByteString comparable(ByteString body) {
    String text = body.toStringUtf8();
    int jsonError = text.indexOf(JSON_ERROR);
    if (jsonError >= 0) {
      return ByteString.copyFromUtf8(text.substring(0, jsonError + JSON_ERROR.length()));
    }
    if (comparesJson && text.startsWith("{")) {
      JsonNode sorted = JSON.readTree(text);
      return ByteString.copyFromUtf8(canonical(sorted));
    }
    return body;
  }

  /** Keys in order and numbers as doubles, as the reference writes them. */
  private static String canonical(JsonNode json) {
    StringBuilder text = new StringBuilder();
    if (json.isObject()) {
      json.propertyNames().stream()
          .sorted()
          .forEach(name -> text.append(name).append('=').append(canonical(json.get(name))));
      return "{" + text + "}";
    }
    if (json.isArray()) {
      json.forEach(element -> text.append(canonical(element)).append(','));
      return "[" + text + "]";
    }
    return json.isNumber() ? Double.toString(json.doubleValue()) : json.toString();
  }
}
