package ai.llmd.epp.benchmark.body;

import com.google.api.HttpBody;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/**
 * What a body is made of, as long as is wanted: what costs a reader most differs from one to the
 * next.
 */
enum BodyShape {
  WORDS("/v1/chat/completions", chat("\"content\":\"", i -> "w" + i * 7919 + " ", "\"")),
  ONE_STRING("/v1/completions", prompt("\"", _ -> "x", "\"")),
  UNICODE_ESCAPES("/v1/completions", prompt("\"", _ -> "\\u0061", "\"")),
  LONE_SURROGATES("/v1/completions", prompt("\"", _ -> "\\ud800", "\"")),
  SURROGATE_PAIRS("/v1/completions", prompt("\"", _ -> "\\ud83d\\ude00", "\"")),
  SHORT_ESCAPES("/v1/completions", prompt("\"", _ -> "\\n", "\"")),
  INVALID_UTF8("/v1/completions", prompt("\"", _ -> "\u00ff", "\"")),
  TEXTS("/v1/completions", prompt("[", _ -> "\"a\",", "\"a\"]")),
  TOKENS("/v1/completions", prompt("[", _ -> "1,", "1]")),
  TOKEN_ARRAYS("/v1/completions", prompt("[", _ -> "[1],", "[1]]")),
  TOKENS_WITH_FRACTIONS("/v1/completions", prompt("[", _ -> "1.0e0,", "1]")),
  TOKENS_OF_DIGITS("/v1/completions", prompt("[", _ -> digits(), "1]")),
  CAPS_OF_DIGITS("/v1/completions", object("", _ -> "\"max_tokens\":" + digits(), "\"prompt\":1")),
  LONG_NUMBER("/v1/completions", object("\"max_tokens\":1", _ -> "1", "")),
  LONG_FRACTION("/v1/completions", object("\"max_tokens\":1.", _ -> "1", "")),
  LONG_EXPONENT("/v1/completions", object("\"max_tokens\":1e", _ -> "1", "")),
  NESTED_ARRAYS("/v1/chat/completions", object("\"x\":[[],", _ -> nested("[", "]") + ",", "[]]")),
  NESTED_OBJECTS(
      "/v1/chat/completions", object("\"x\":[", _ -> nested("{\"a\":", "}", "1") + ",", "1]")),
  OPEN_ARRAYS("/v1/chat/completions", object("\"x\":", _ -> "[", "")),
  ARRAYS_OF_ARRAYS("/v1/chat/completions", object("\"x\":[", _ -> "[[],[]],", "[]]")),
  WHITE_SPACE("/v1/chat/completions", object("\"x\":", _ -> " ", "1")),
  KEYS("/v1/chat/completions", object("", i -> "\"k" + i + "\":1,", "\"z\":1")),
  DUPLICATE_KEYS("/v1/chat/completions", object("", _ -> "\"messages\":[],", "\"z\":1")),
  MODELS("/v1/chat/completions", object("", _ -> "\"model\":\"m\",", "\"z\":1")),
  LONG_KEY("/v1/chat/completions", object("\"", _ -> "k", "\":1")),
  LONG_ESCAPED_KEY("/v1/chat/completions", object("\"", _ -> "\\u006b", "\":1")),
  LONG_INVALID_KEY("/v1/chat/completions", object("\"", _ -> "\u00ff", "\":1")),
  LONG_MODEL("/v1/completions", object("\"prompt\":\"p\",\"model\":\"", _ -> "m", "\"")),
  LONG_INVALID_MODEL(
      "/v1/completions", object("\"prompt\":\"p\",\"model\":\"", _ -> "\u00ff", "\"")),
  CACHE_SALT("/v1/completions", object("\"prompt\":\"p\",\"cache_salt\":\"", _ -> "\u00ff", "\"")),
  MESSAGES("/v1/chat/completions", object("\"messages\":[", _ -> "{\"role\":\"a\"},", "{}]")),
  EMPTY_MESSAGES("/v1/chat/completions", object("\"messages\":[", _ -> "{},", "{}]")),
  PARTS("/v1/chat/completions", chat("\"content\":[", _ -> "\"a\",", "\"a\"]")),
  IMAGES("/v1/chat/completions", chat("\"content\":[", _ -> "{\"image_url\":\"a\"},", "\"a\"]")),
  IMAGE_AS_TEXT(
      "/v1/chat/completions",
      chat("\"content\":[{\"image_url\":\"data:image/png;base64,", _ -> "iVBORw0K", "\"}]")),
  TOOLS(
      "/v1/chat/completions",
      chat("\"content\":\"c\"}],\"tools\":[{\"x\":[", i -> "{\"b\":1,\"a\":" + i + "},", "1]")),
  TOOL_KEYS(
      "/v1/chat/completions", chat("\"content\":\"c\"}],\"tools\":[{", BodyShape::key, "\"z\":1")),
  DEEP_TOOL_KEYS("/v1/chat/completions", BodyShape::deepTools),
  TOOL_NUMBERS(
      "/v1/chat/completions",
      chat("\"content\":\"c\"}],\"tools\":[{\"x\":[", _ -> "1.5e300,", "1]")),
  TOOL_DIGITS(
      "/v1/chat/completions", chat("\"content\":\"c\"}],\"tools\":[{\"x\":[", _ -> digits(), "1]")),
  TOOL_LONG_NUMBER(
      "/v1/chat/completions", chat("\"content\":\"c\"}],\"tools\":[{\"x\":1.", _ -> "7", "")),
  RESPONSES_INPUT(
      "/v1/responses", object("\"input\":[", _ -> "{\"role\":\"user\",\"content\":\"a\"},", "1]")),
  RESPONSES_TOOLS(
      "/v1/responses", object("\"input\":\"i\",\"tools\":{", BodyShape::key, "\"z\":1}")),
  PREVIOUS_RESPONSE(
      "/v1/responses", object("\"input\":\"i\",\"previous_response_id\":\"", _ -> "\u00ff", "\"")),
  CONVERSATION_ITEMS("/v1/conversations", object("\"items\":[", _ -> "{},", "{}]")),
  EMBEDDINGS("/v1/embeddings", object("\"input\":[", _ -> "\"a\",", "\"a\"]")),
  ANTHROPIC_BLOCKS(
      "/v1/messages",
      object(
          "\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":[",
          _ -> "{\"type\":\"text\",\"text\":\"a\"},",
          "{\"type\":\"text\",\"text\":\"a\"}]}]")),
  ANTHROPIC_TOOLS(
      "/v1/messages",
      object(
          "\"max_tokens\":1,\"messages\":[],\"tools\":[",
          _ -> "{\"name\":\"a\",\"input_schema\":{\"b\":1,\"a\":1}},",
          "{}]")),
  VLLM_TOKENS("/inference/v1/generate", object("\"token_ids\":[", _ -> "1,", "1]")),
  SGLANG_TOKENS("/generate", object("\"input_ids\":[", _ -> "1,", "1]")),
  SGLANG_TEXTS("/generate", object("\"text\":[", _ -> "\"a\",", "\"a\"]")),
  VERTEX_PARTS(
      "/google.cloud.aiplatform.v1.PredictionService/ChatCompletions", BodyShape::vertexParts),
  GRPC_TOKENS("/vllm.grpc.engine.VllmEngine/Generate", framed(_ -> "\u0012\u0002\u0010\1")),
  GRPC_EMPTY_TOKENS("/vllm.grpc.engine.VllmEngine/Generate", framed(_ -> "\u0012\0")),
  GRPC_TEXTS("/vllm.grpc.engine.VllmEngine/Generate", framed(_ -> "\u001a\1a")),
  GRPC_ITEMS("/vllm.grpc.engine.VllmEngine/Generate", framed(_ -> ":\u0005*\u0000\u0032\1a")),
  NOT_JSON("/v1/chat/completions", (bytes, to) -> fill(bytes, to, "", _ -> "x", ""));

  private static final int DEPTH = 9_000;
  private static final int KEYS_OF_AN_OBJECT = 60_000;

  private final String path;
  private final Filling filling;

  /** Writes a body of about so many bytes, as text of one byte a character. */
  private interface Filling {
    void write(int bytes, ByteArrayOutputStream to);
  }

  BodyShape(String path, Filling filling) {
    this.path = path;
    this.filling = filling;
  }

  String path() {
    return path;
  }

  /** A body of as many bytes, or a few thousand more or less. */
  byte[] body(int bytes) {
    ByteArrayOutputStream body = new ByteArrayOutputStream(bytes + (1 << 16));
    filling.write(bytes, body);
    return body.toByteArray();
  }

  private static Filling object(String begin, IntFunction<String> repeated, String end) {
    return (bytes, to) -> fill(bytes, to, "{\"model\":\"m\"," + begin, repeated, end + "}");
  }

  private static Filling prompt(String begin, IntFunction<String> repeated, String end) {
    return object("\"prompt\":" + begin, repeated, end);
  }

  private static Filling chat(String begin, IntFunction<String> repeated, String end) {
    return object("\"messages\":[{\"role\":\"user\"," + begin, repeated, end + "}]");
  }

  private static String key(int number) {
    return "\"k" + number % KEYS_OF_AN_OBJECT + "\":1,";
  }

  /** As many as make reading a number costly. */
  private static String digits() {
    return "9007199254740993." + "0".repeat(700) + "1,";
  }

  private static String nested(String open, String close) {
    return nested(open, close, "");
  }

  private static String nested(String open, String close, String inner) {
    return open.repeat(DEPTH) + inner + close.repeat(DEPTH);
  }

  private static void deepTools(int bytes, ByteArrayOutputStream to) {
    int levels = 28;
    write(to, "{\"model\":\"m\",\"messages\":[{\"content\":\"c\"}],\"tools\":[");
    for (int level = 0; level < levels; level++) {
      write(to, "{");
      int until = (int) ((long) bytes * (level + 1) / levels);
      for (int i = 0; to.size() < until && i < KEYS_OF_AN_OBJECT; i++) {
        write(to, "\"\\u0061" + i + "\":1,");
      }
      write(to, "\"z\":");
    }
    write(to, "1" + "}".repeat(levels) + "]}");
  }

  /** A message of one gRPC frame. */
  private static Filling framed(IntFunction<String> repeated) {
    return (bytes, to) -> {
      ByteArrayOutputStream message = new ByteArrayOutputStream(bytes);
      fill(bytes, message, "", repeated, "");
      frame(message.toByteArray(), to);
    };
  }

  private static void frame(byte[] message, ByteArrayOutputStream to) {
    to.write(0);
    to.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(message.length).array());
    to.writeBytes(message);
  }

  private static void vertexParts(int bytes, ByteArrayOutputStream to) {
    HttpBody data = HttpBody.newBuilder().setData(ByteString.copyFrom(PARTS.body(bytes))).build();
    frame(
        UnknownFieldSet.newBuilder()
            .addField(
                2,
                UnknownFieldSet.Field.newBuilder().addLengthDelimited(data.toByteString()).build())
            .build()
            .toByteArray(),
        to);
  }

  private static void fill(
      int bytes, ByteArrayOutputStream to, String begin, IntFunction<String> repeated, String end) {
    write(to, begin);
    for (int i = 0; to.size() < bytes; i++) {
      write(to, repeated.apply(i));
    }
    write(to, end);
  }

  private static void write(ByteArrayOutputStream to, String text) {
    to.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
